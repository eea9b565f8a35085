import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Requests and replies in tasks.
@Suite(.hangLimit)
struct RequestReplyTaskTests {
    @Test("a client and a server, each a task", arguments: [Road.tcp, .inproc])
    func conversation(road: Road) throws {
        try withScene { scene in
            let (rep, req, records) = (try scene.rep(), try scene.req(), Recorder())
            try req.connect(rep.bind(road.endpoint))
            let server = scene.task(records) { _ in
                for try await request in rep.requests { request.reply("\(request.message.string) World") }
            }
            scene.task(records) { _ in
                for number in 0..<100 {
                    let reply = try await req.request("Hello \(number)", timeout: .seconds(5))
                    #expect(reply.string == "Hello \(number) World")
                }
                records.add("end")
            }
            try scene.wait(for: 1, entriesOf: records)
            server.cancel()
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts == ["end", "ECANCELED"])
        }
    }

    @Test("the next request follows when the previous one has been answered or abandoned")
    func oneAtATime() throws {
        try withScene { scene in
            let (rep, records) = (try scene.rep(), Recorder())
            let clients = try (0..<3).map { _ in try scene.req() }
            for client in clients { try scene.connect(client, to: rep) }
            for client in clients {
                scene.task(records) { _ in
                    records.add((try await client.request("x", timeout: .milliseconds(200))).string)
                }
            }
            scene.task(records) { reactor in
                var number = 0
                for try await request in rep.requests {
                    number += 1
                    if number == 2 { continue }  // abandoned
                    try await reactor.sleep(for: .milliseconds(2))
                    request.reply("\(number)")
                }
            }
            try scene.wait(for: 3, entriesOf: records)
            // Replies of different connections may overtake each other.
            #expect(records.texts.prefix(2).sorted() == ["1", "3"] && records.texts.last == "ETIMEDOUT")
        }
    }

    @Test("a request ends: no reply, no peer, cancelled, two at a time")
    func failures() throws {
        try withScene { scene in
            let (rep, req, alone, records) = (try scene.rep(), try scene.req(), try scene.req(), Recorder())
            try req.connect(rep.bind(anyPort))
            scene.task(records) { _ in _ = try await req.request("x", timeout: .milliseconds(10), retries: 1) }
            try scene.wait(for: 1, entriesOf: records)
            scene.task(records) { _ in _ = try await alone.request("x", timeout: .milliseconds(10)) }
            try scene.wait(for: 2, entriesOf: records)
            let task = scene.task(records) { _ in _ = try await req.request("x") }
            scene.turn()
            scene.task(records) { _ in _ = try await req.request("y") }
            try scene.wait(for: 3, entriesOf: records)
            task.cancel()
            try scene.wait(for: 4, entriesOf: records)
            #expect(records.texts == ["ETIMEDOUT", "ETIMEDOUT", "EFSM", "ECANCELED"])
            #expect(!req.isWaiting)
            scene.task(records) { _ in for try await request in rep.requests { request.reply("re") } }
            scene.task(records) { _ in records.add((try await req.request("z", timeout: .seconds(5))).string) }
            try scene.wait(for: 5, entriesOf: records)
            #expect(records.texts.last == "re")
        }
    }

    @Test("a REP can also be served message by message, and a REQ used with send")
    func plain() throws {
        try withScene { scene in
            let (rep, req, records) = (try scene.rep(), try scene.req(), Recorder())
            try req.connect(rep.bind(anyPort))
            scene.task(records) { _ in
                while true {
                    let request = try await rep.receive()
                    try rep.send("re:\(request.string)")
                }
            }
            scene.task(records) { _ in
                for text in ["a", "b"] {
                    try await req.sendWhenReady(text)
                    records.add((try await req.receive()).string)
                }
            }
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts == ["re:a", "re:b"])
        }
    }

    @Test("the other types: ROUTER with DEALER, XPUB with SUB, PAIR")
    func others() throws {
        try withScene { scene in
            let (router, dealer, records) = (try scene.router(), try scene.dealer(), Recorder())
            try dealer.connect(router.bind(anyPort))
            scene.task(records) { _ in
                for try await message in router.messages { try await router.sendWhenReady(message) }
            }
            scene.task(records) { _ in
                try await dealer.sendWhenReady("hi")
                records.add((try await dealer.receive()).string)
            }
            try scene.wait(for: 1, entriesOf: records)

            let (xpub, sub) = (try scene.xpub(), try scene.sub())
            try sub.connect(xpub.bind(anyPort))
            scene.task(records) { _ in
                let subscription = try await xpub.receive()
                records.add(subscription[0].map(String.init).joined(separator: " "))
                try await xpub.waitForSubscribers(to: "a")
                try await xpub.sendWhenReady("b")
                try await xpub.sendWhenReady("a1")
            }
            try sub.subscribe(to: "a")
            scene.task(records) { _ in records.add((try await sub.receive()).string) }
            try scene.wait(for: 3, entriesOf: records)

            let (left, right) = (try scene.pair(), try scene.pair())
            try left.connect(right.bind(Unique.inprocEndpoint()))
            scene.task(records) { _ in
                try await left.sendWhenReady("ping")
                records.add((try await left.receive()).string)
            }
            scene.task(records) { _ in
                _ = try await right.receive()
                try await right.sendWhenReady("pong")
            }
            try scene.wait(for: 4, entriesOf: records)
            #expect(records.texts == ["hi", "1 97", "a1", "pong"])
        }
    }
}
