#if Curve
    import ZMQReactorTestSupport
    import ZMQReactorTesting

    @testable import ZMTP

    /// A CURVE server, and a client that has the right keys.
    let fuzzCurveServer: @Sendable ([UInt8]) -> String? = { CurveSteps($0, isServer: true).run() }

    /// A CURVE client, and a server that has the right keys.
    let fuzzCurveClient: @Sendable ([UInt8]) -> String? = { CurveSteps($0, isServer: false).run() }

    // What the peer does. Input: switches, seed of the splits, then steps. Each is a byte, the arguments, and the
    // damage: an offset, and what the byte there is changed by.
    //
    //     switches    1  the client is refused     6  the most messages of a run: any, 1, 2 or 3
    //     steps       0  any bytes; argument: their number, and these
    //                 1  HELLO or WELCOME
    //                 2  INITIATE or READY; arguments: number, number of bytes of metadata, and these; none for good ones
    //                 3  MESSAGE; arguments: flags, flags of the frame, by how much the number rises, size, and bytes
    //                 4  ERROR
    private struct CurveSteps {
        let input: FuzzInput
        let switches: UInt8
        let seed: UInt8
        let isServer: Bool

        init(_ bytes: [UInt8], isServer: Bool) {
            var input = FuzzInput(bytes)
            (switches, seed) = (input.byte(), input.byte())
            self.input = input
            self.isServer = isServer
        }

        private func session(_ report: @escaping (String) -> Void) -> Session {
            let configuration: Engine.Configuration =
                isServer ? .accepting(.pull, CurveExample.server()) : .connecting(.push, CurveExample.client())
            return Session(
                configuration,
                limit: [.max, 1, 2, 3][Int(switches >> 1) & 3],
                verdict: switches & 1 != 0 ? .refused(.denied) : .accepted(.anonymous),
                report: report
            )
        }

        func run() -> String? {
            let greeting = Wire.greeting(mechanism: "CURVE")
            var peer = isServer ? CurvePeer.client() : CurvePeer.server()
            var fault: String?
            var live = session { fault = fault ?? $0 }
            live.feed(greeting)
            if !isServer {
                guard peer.read(hello: Array(live.transcript.output.dropFirst(64 + 8))) else { return "no HELLO" }
            }
            var (sent, number) = (greeting, isServer ? 2 : 1)
            var isGood = true
            var messages = 0
            var steps = input
            while !steps.rest.isEmpty, sent.count < 4096 {
                let step = next(&steps, peer, &number)
                if step.isFault { isGood = false }
                if isGood, step.endsMessage { messages += 1 }
                live.feed(step.bytes)
                sent += step.bytes
                if isServer, peer.cookie.isEmpty, live.transcript.output.count == 64 + 170 {
                    guard peer.read(welcome: Array(live.transcript.output.dropFirst(64 + 10))) else {
                        return "no WELCOME"
                    }
                }
            }
            if let fault { return fault }
            let found = live.transcript
            if found.messages.count > messages { return "\(found.messages.count) messages of \(messages)" }
            if found.peer != nil, isServer, switches & 1 != 0 { return "a peer that was refused" }
            return compareCuts(of: sent, from: Greeting.size, seed: seed) { pieces, report in
                var session = session(report)
                var rest = sent[...]
                for piece in pieces + [rest.count] {
                    session.feed(rest.prefix(piece))
                    rest = rest.dropFirst(piece)
                }
                return session.transcript
            }
        }

        private struct Step {
            var bytes: [UInt8]
            /// Whether nothing behind it may be delivered.
            var isFault = false
            var endsMessage = false
        }

        private func next(_ input: inout FuzzInput, _ peer: CurvePeer, _ number: inout Int) -> Step {
            switch input.byte() % 5 {
            case 0:
                let size = Int(input.byte() & 63)
                let bytes = input.bytes(size)
                return Step(bytes: bytes, isFault: !bytes.isEmpty)
            case 1:
                let isDue = isServer ? peer.cookie.isEmpty : true
                let data = isServer ? peer.hello() : peer.welcome()
                return damaged(data, &input, isFault: !isDue) {
                    Wire.command(isServer ? "HELLO" : "WELCOME", $0)
                }
            case 2:
                let (own, size) = (Int(input.byte()), Int(input.byte()))
                let type = Wire.property("Socket-Type", isServer ? "PUSH" : "PULL")
                let metadata = size == 0 ? type : input.bytes(size)
                guard !isServer || !peer.cookie.isEmpty else {
                    return Step(bytes: Wire.command("INITIATE", metadata), isFault: true)
                }
                number = own
                let data =
                    isServer
                    ? peer.initiate(number: own, metadata: metadata) : peer.ready(number: own, metadata: metadata)
                return damaged(data, &input, isFault: false) { Wire.command(isServer ? "INITIATE" : "READY", $0) }
            case 3:
                let (flags, outer) = (input.byte(), input.byte())
                let rise = Int(Int8(bitPattern: input.byte()))
                let size = Int(input.byte())
                let body = input.bytes(size)
                // A negative one would be the largest on the wire.
                number = max(number + rise, 0)
                guard !isServer || !peer.cookie.isEmpty else { return Step(bytes: [], isFault: true) }
                let message = peer.message(body, flags: flags, number: number, fromServer: !isServer)
                let isFault = rise <= 0 || flags > 2 || ![0, 2, 4, 6].contains(outer)
                var step = damaged(message, &input, isFault: isFault) {
                    Wire.frame(flags: outer & ~2, $0, long: outer & 2 != 0 || $0.count > 255)
                }
                step.endsMessage = flags == 0
                return step
            default:
                return Step(bytes: Wire.error("400"), isFault: true)
            }
        }

        private func damaged(
            _ data: [UInt8],
            _ input: inout FuzzInput,
            isFault: Bool,
            _ frame: ([UInt8]) -> [UInt8]
        ) -> Step {
            var data = data
            let (offset, change) = (Int(input.byte()), input.byte())
            if !data.isEmpty { data[offset % data.count] ^= change }
            return Step(bytes: frame(data), isFault: isFault || change != 0)
        }
    }
#endif
