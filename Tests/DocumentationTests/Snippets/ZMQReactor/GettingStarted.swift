import Foundation
import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/GettingStarted.md shows.
enum GettingStartedPage {
    static func server() throws {
        let reactor = try Reactor()
        let context = Context()

        let server = try RepSocket(on: reactor, in: context) { _, request, reply in
            print("asked:", request.string)
            reply.send("World")
        }
        try server.bind("tcp://*:5555")

        try reactor.stopOnInterrupt(closing: context)
        reactor.run()
    }

    static func clientTask() throws {
        let reactor = try Reactor()
        let context = Context()

        let client = try ReqSocket(on: reactor, in: context)
        try client.connect("tcp://localhost:5555")
        reactor.task { _ in
            do {
                let reply = try await client.request("Hello", timeout: .seconds(5))
                print("answer:", reply.string)
            } catch { print("no answer:", error) }
            context.terminate(thenStop: reactor)
        }
        reactor.run()
    }

    static func client() throws {
        let reactor = try Reactor()
        let context = Context()

        let client = try ReqSocket(on: reactor, in: context)
        try client.connect("tcp://localhost:5555")
        try client.request("Hello", timeout: .seconds(5)) { result in
            switch result {
            case .success(let reply): print("answer:", reply.string)
            case .failure(let error): print("no answer:", error)
            }
            context.terminate(thenStop: reactor)
        }
        reactor.run()
    }

    static func messages(_ socket: PushSocket) throws {
        if try socket.send("text") == .wouldBlock { print("no room: nothing was sent") }
        let isSent = try socket.send([0x01, 0x02, 0xFF]) == .accepted
        let isSentAsWell = try socket.send(["topic", "body"]) == .accepted
        print(isSent, isSentAsWell)
    }

    static func looking(_ message: Message) {
        let topic = message[0].string
        guard let amount = message.frame(1)?.decimal else { return print("not an amount for", topic) }
        print(topic, amount, message.count, message.byteCount)
    }

    static func parts(_ message: Message) {
        guard let (envelope, body) = message.splitAtDelimiter() else { return print("not a request") }
        let echo = envelope + body
        print(echo)
    }

    struct Reading: Codable {
        let station: String
        let celsius: Double
    }

    static func encoding(_ socket: PushSocket) throws {
        let data = try JSONEncoder().encode(Reading(station: "a7", celsius: 21.5))
        if try socket.send(data.bytes) == .wouldBlock { print("no room: nothing was sent") }
    }

    static func decoding(_ message: Message) {
        do {
            let reading = try JSONDecoder().decode(Reading.self, from: Data(message[0]))
            print(reading.station, reading.celsius)
        } catch { print("not a reading:", error) }
    }

    final class Greeter: RepHandler, PullHandler {
        private var greetings = 0

        func socket(_ socket: RepSocket, received request: Message, reply: Reply) {
            greetings += 1
            reply.send("Hello number \(greetings)")
        }

        func socket(_ socket: PullSocket, received message: Message) {
            print("received:", message.string)
        }
    }
}
