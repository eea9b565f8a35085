import Testing
import ZMQReactor

@testable import Majordomo

/// The rules of RFC 18, without sockets.
struct DispatcherTests {
    private var dispatcher = Dispatcher(Broker.Settings())
    private var now = SuspendingClock.now

    private mutating func client(_ name: Frame, asks body: Message = "2", for service: Frame = "square") -> [Sent] {
        receive(ClientCommand.request(service: service, body: body).message, from: name)
    }

    private mutating func worker(_ name: Frame, sends command: WorkerCommand) -> [Sent] {
        receive(command.message, from: name)
    }

    private mutating func receive(_ message: Message, from sender: Frame) -> [Sent] {
        dispatcher.receive([sender] + message, now: now)
        return sent()
    }

    private mutating func leave(_ name: Frame) -> [Sent] {
        dispatcher.peerLeft(name)
        return sent()
    }

    private mutating func pass(_ time: Duration) -> [Sent] {
        now += time
        dispatcher.tick(now: now)
        return sent().filter { $0.worker != .heartbeat }
    }

    private mutating func sent() -> [Sent] {
        dispatcher.takeOutbox().map {
            Sent(to: $0.recipient, client: ClientCommand($0.message), worker: WorkerCommand($0.message))
        }
    }

    private func request(_ client: Frame, to worker: Frame) -> Sent {
        Sent(to: worker, worker: .request(client: client, body: "2"))
    }

    private func reply(_ body: Message, to client: Frame) -> Sent {
        Sent(to: client, client: .final(service: "square", body: body))
    }

    @Test("a request goes to the worker that has been idle for longest, and its reply to its client")
    mutating func turns() {
        #expect(worker("w1", sends: .ready(service: "square")).isEmpty)
        #expect(worker("w2", sends: .ready(service: "square")).isEmpty)
        #expect(client("c1") == [request("c1", to: "w1")])
        #expect(worker("w1", sends: .final(client: "c1", body: "4")) == [reply("4", to: "c1")])
        #expect(client("c2") == [request("c2", to: "w2")])
        #expect(client("c3") == [request("c3", to: "w1")])
        #expect(client("c4").isEmpty)
        #expect(
            worker("w2", sends: .final(client: "c2", body: "4")) == [reply("4", to: "c2"), request("c4", to: "w2")]
        )
    }

    @Test("the request of a lost worker is the next one that is assigned, and a late reply is not forwarded")
    mutating func lostWorker() {
        _ = worker("w1", sends: .ready(service: "square"))
        _ = client("c1")
        #expect(client("c2").isEmpty)
        #expect(pass(.seconds(10)).isEmpty)
        #expect(worker("w2", sends: .ready(service: "square")) == [request("c1", to: "w2")])
        let late = worker("w1", sends: .final(client: "c1", body: "wrong"))
        #expect(late == [Sent(to: "w1", worker: .disconnect)])
        #expect(
            worker("w2", sends: .final(client: "c1", body: "4")) == [reply("4", to: "c1"), request("c2", to: "w2")]
        )
    }

    @Test("heartbeats keep a worker")
    mutating func heartbeats() {
        _ = worker("w1", sends: .ready(service: "square"))
        for _ in 0..<10 {
            #expect(pass(.seconds(9)).isEmpty)
            #expect(worker("w1", sends: .heartbeat).isEmpty)
        }
        #expect(client("c1") == [request("c1", to: "w1")])
    }

    @Test("a request with a partial reply is not repeated")
    mutating func partial() {
        _ = worker("w1", sends: .ready(service: "square"))
        _ = client("c1")
        let partial = worker("w1", sends: .partial(client: "c1", body: "half"))
        #expect(partial == [Sent(to: "c1", client: .partial(service: "square", body: "half"))])
        #expect(leave("w1").isEmpty)
        #expect(worker("w2", sends: .ready(service: "square")).isEmpty)
        #expect(client("c1") == [request("c1", to: "w2")], "the client may ask again")
    }

    @Test("a request with which three workers were lost is not given to a fourth")
    mutating func deadlyRequest() {
        _ = client("c1")
        for name in ["w1", "w2", "w3"] as [Frame] {
            #expect(worker(name, sends: .ready(service: "square")) == [request("c1", to: name)])
            #expect(leave(name).isEmpty)
        }
        #expect(worker("w4", sends: .ready(service: "square")).isEmpty)
    }

    @Test("a client that has left gets nothing, and its worker the next request")
    mutating func lostClient() {
        _ = client("c1")
        _ = client("c2")
        #expect(leave("c1").isEmpty)
        #expect(worker("w1", sends: .ready(service: "square")) == [request("c2", to: "w1")])
        #expect(leave("c2").isEmpty)
        #expect(worker("w1", sends: .final(client: "c2", body: "4")).isEmpty)
        #expect(client("c3") == [request("c3", to: "w1")])
    }

    @Test("a request that has waited too long for a worker ends")
    mutating func expiry() {
        _ = client("c1")
        #expect(pass(.seconds(30)).isEmpty)
        #expect(worker("w1", sends: .ready(service: "square")).isEmpty)
    }

    @Test("a client has one request at a time")
    mutating func oneRequest() {
        _ = client("c1")
        _ = client("c1")
        #expect(worker("w1", sends: .ready(service: "square")).count == 1)
        #expect(worker("w2", sends: .ready(service: "square")).isEmpty)
    }

    @Test("a worker that is not known, or sends what it must not, begins anew")
    mutating func unexpected() {
        let disconnect = [Sent(to: "w1", worker: .disconnect)]
        #expect(worker("w1", sends: .heartbeat) == disconnect)
        #expect(worker("w1", sends: .final(client: "c1", body: "4")) == disconnect)
        _ = worker("w1", sends: .ready(service: "square"))
        #expect(worker("w1", sends: .ready(service: "cube")) == disconnect)
        _ = worker("w1", sends: .ready(service: "square"))
        #expect(worker("w1", sends: .final(client: "c1", body: "4")) == disconnect)
        #expect(client("c1").isEmpty)
    }

    @Test("a worker that says that it leaves gets nothing more")
    mutating func leaving() {
        _ = worker("w1", sends: .ready(service: "square"))
        #expect(worker("w1", sends: .disconnect).isEmpty)
        #expect(client("c1").isEmpty)
    }

    @Test("the broker says which services there are")
    mutating func directory() {
        func code(_ sent: [Sent]) -> Message? {
            if case .final(_, let body) = sent.first?.client { body } else { nil }
        }
        #expect(code(client("c1", asks: "square", for: "mmi.service")) == "404")
        _ = worker("w1", sends: .ready(service: "square"))
        #expect(code(client("c1", asks: "square", for: "mmi.service")) == "200")
        #expect(code(client("c1", asks: "square", for: "mmi.other")) == "501")
    }

    @Test("messages that are cut short, and others that are no commands, are ignored")
    mutating func malformed() {
        _ = worker("w1", sends: .ready(service: "square"))
        let commands = [
            ClientCommand.request(service: "square", body: "2").message,
            WorkerCommand.ready(service: "square").message,
            WorkerCommand.request(client: "c", body: "2").message,
            WorkerCommand.partial(client: "c", body: "2").message,
            WorkerCommand.final(client: "c", body: "2").message,
        ]
        for command in commands {
            for count in 1..<command.count {
                #expect(receive(command.prefix(count)!, from: "x").isEmpty)
            }
        }
        dispatcher.receive("x", now: now)
        #expect(receive(["MDPC02", [9], "square", "2"], from: "x").isEmpty)
        #expect(receive(["MDPW02", [9]], from: "x").isEmpty)
        #expect(receive(["MDPW02", [5], "more"], from: "x").isEmpty)
        #expect(receive(["MDPW02", [4], "c", "not empty", "2"], from: "x").isEmpty)
    }
}

/// What the dispatcher has sent.
private struct Sent: Equatable {
    let to: Frame
    var client: ClientCommand?
    var worker: WorkerCommand?
}
