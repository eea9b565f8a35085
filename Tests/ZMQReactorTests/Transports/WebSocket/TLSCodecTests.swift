#if TLS
    import COpenSSL
    import Testing
    import ZMQReactorTestSupport
    import ZMTP

    @testable import ZMQReactor

    @Suite struct TLSCodecTests {
        /// A server and a client behind their handshake.
        private final class Pair {
            private let authority: CertificateAuthority
            let server: TLSCodec
            let client: TLSCodec

            init() throws {
                authority = try CertificateAuthority()
                server = TLSCodec(try TLSContext(authority.server(), isServer: true), connectingTo: nil)
                client = TLSCodec(try TLSContext(authority.trusting, isServer: false), connectingTo: "127.0.0.1")
                var (toServer, toClient) = ([] as [UInt8], [] as [UInt8])
                var (stepOfServer, stepOfClient) = (server.start(), client.start())
                for _ in 0..<5 {
                    advance(client, &stepOfClient, &toClient, &toServer)
                    advance(server, &stepOfServer, &toServer, &toClient)
                }
                #expect(stepOfServer == .done && stepOfClient == .done)
                server.begin()
                client.begin()
                toClient.withUnsafeBytes { client.keep($0) }
            }

            private func advance(
                _ codec: TLSCodec,
                _ step: inout PreludeStep,
                _ input: inout [UInt8],
                _ output: inout [UInt8]
            ) {
                while true {
                    switch step {
                    case .send(let bytes, let count):
                        output += bytes
                        step = .read(count)
                    case .read(let count):
                        guard input.count >= count else { return }
                        let bytes = Array(input[..<count])
                        input.removeFirst(count)
                        step = codec.receive(bytes)
                    case .done, .failed: return
                    }
                }
            }

            /// What the server sends for these bytes.
            func seal(_ text: [UInt8]) -> [UInt8] {
                var sealed: [UInt8] = []
                text.withUnsafeBytes { text in
                    var rest = text
                    while !rest.isEmpty {
                        var room = [UInt8](repeating: 0, count: 20_000)
                        let (consumed, produced) = room.withUnsafeMutableBytes { server.encode(rest, into: $0) }
                        sealed += room[..<produced]
                        rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
                    }
                }
                return sealed
            }

            /// A byte behind a request for new keys.
            func sealWithNewKeys() -> [UInt8] {
                SSL_key_update(server.connection, SSL_KEY_UPDATE_REQUESTED)
                return seal([8])
            }

            /// The bytes that the client takes, call by call.
            func portions(of sealed: [UInt8]) -> [[UInt8]] {
                sealed.withUnsafeBytes { client.keep($0) }
                var portions: [[UInt8]] = []
                while client.hasKept {
                    var room = [UInt8](repeating: 0, count: 1000)
                    let count = room.withUnsafeMutableBytes { client.takeKept(into: $0) }
                    portions.append(Array(room[..<count]))
                }
                return portions
            }
        }

        @Test("records mean the same however they are split", arguments: [1, 97, 20_000, 100_000])
        func splits(size: Int) throws {
            let pair = try Pair()
            let text = Pattern.bytes(50_000)
            let sealed = pair.seal(text)
            var opened: [UInt8] = []
            for start in stride(from: 0, to: sealed.count, by: size) {
                opened += pair.portions(of: Array(sealed[start..<min(start + size, sealed.count)])).joined()
            }
            #expect(opened == text)
            #expect(!pair.client.isOver)
            pair.server.close(because: nil)
            #expect(pair.portions(of: pair.server.takeControl()).joined().isEmpty)
            #expect(pair.client.isOver && pair.client.reasonOfEnd == nil)
        }

        @Test("of small records few are opened in one go, and fewer of those without data") func portions() throws {
            let pair = try Pair()
            #expect(pair.portions(of: []).joined().isEmpty)
            let small = (0..<200).flatMap { _ in pair.seal([7]) }
            #expect(pair.portions(of: small).map(\.count) == [64, 64, 64, 8])
            let renewing = pair.portions(of: (0..<50).flatMap { _ in pair.sealWithNewKeys() })
            #expect(renewing.joined().count == 50)
            #expect(renewing.allSatisfy { $0.count <= 8 })
        }

        @Test("answers to a peer that reads none have a limit") func answers() throws {
            let pair = try Pair()
            let requests = (0..<3000).flatMap { _ in pair.sealWithNewKeys() }
            #expect(pair.portions(of: requests).joined().count < 3000)
            #expect(pair.client.reasonOfEnd?.message == "the peer asks for more than it reads the answers of")
            #expect(pair.client.takeControl().count < 70_000)
        }
    }
#endif
