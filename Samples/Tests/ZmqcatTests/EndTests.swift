import EventReactor
import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit)
struct EndTests {
    private func elapsed(_ body: () throws -> Void) rethrows -> Duration { try ContinuousClock().measure(body) }

    @Test(
        "SIGINT and SIGTERM: exit status 0, and everything received has been printed",
        arguments: ["pull", "dealer", "rep"]
    )
    func signals(type: String) throws {
        for signal in [Signal.interrupt, .terminate] {
            let (cat, endpoint) = try Cat.bound(type, "--events")
            let peer = try Cat(type == "pull" ? "push" : type == "rep" ? "req" : "dealer", "--connect", endpoint)
            try peer.process.write("hello\n")
            #expect(try cat.process.nextLine() == "hello")
            cat.process.send(signal)
            try cat.output()
            #expect(cat.complaints.isEmpty)
            peer.process.interrupt()
            try peer.output()
        }
    }

    @Test("a signal right after the line that a script waits for is handled like any other")
    func signalAtOnce() throws {
        for number in 0..<40 {
            let (cat, _) = try Cat.bound(number % 2 == 0 ? "pull" : "rep")
            cat.process.send(number % 4 < 2 ? .interrupt : .terminate)
            try cat.output()
        }
    }

    @Test(
        "exit status 1 when standard input cannot be read, lines already read have been sent",
        arguments: ["push", "pub"]
    )
    func brokenInput(type: String) throws {
        let (pull, endpoint) = try Cat.bound(type == "push" ? "pull" : "sub")
        let cat = try Cat.shell(#""$@" < /tmp"#, type, "--connect", endpoint)
        try cat.output(1)
        #expect(cat.complaints == ["standard input: Is a directory"])
        pull.process.interrupt()
        try pull.output()
    }

    @Test("--timeout: exit status 1 when no message has passed for that long")
    func timeout() throws {
        let (pull, endpoint) = try Cat.bound("pull", "--timeout", "500ms")
        let push = try Cat("push", "--connect", endpoint)
        try push.input("x\n")
        let time = try elapsed { try pull.output(1) }
        #expect(time >= .milliseconds(300))
        try push.output()
        // A request without a reply.
        let req = try Cat("req", "--connect", try freeEndpoint(), "--timeout", "100")
        try req.input("x\n")
        try req.output(1)
        #expect(req.complaints == ["no answer within 100ms"])
        // And one that a server has taken.
        let router = try LibzmqPeer(.router)
        let waiting = try Cat("req", "--connect", try router.bind(), "--timeout", "500ms")
        try waiting.input("x\n")
        try waiting.output(1)
        #expect(waiting.complaints == ["no answer within 500ms"])
    }

    @Test("a sub without a subscription, or a dish without a group, says so once", arguments: ["sub", "dish"])
    func noSubscription(type: String) throws {
        let (cat, _) = try Cat.bound(type, "--timeout", "10ms")
        try cat.output(1)
        let warnings = cat.process.standardError.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
        #expect(warnings.count == 1 && warnings[0].contains("--subscribe"))
        let (silent, _) = try Cat.bound(type, "--timeout", "10ms", "--subscribe", "")
        try silent.output(1)
        #expect(!silent.process.standardError.contains("warning"))
    }

    @Test("--timeout also ends the wait for messages that cannot be sent")
    func timeoutWhileClosing() throws {
        let push = try Cat("push", "--connect", try freeEndpoint(), "--timeout", "200ms")
        try push.input("x\n")
        let time = try elapsed { try push.output(1) }
        #expect(time < .seconds(5))
    }

    @Test("--linger: closing waits that long and no longer for unsent messages")
    func linger() throws {
        for (linger, least) in [("0", 0), ("300ms", 300)] {
            let push = try Cat("push", "--connect", try freeEndpoint(), "--linger", linger)
            let time = try elapsed {
                try push.input("x\ny\n")
                try push.output()
            }
            #expect(time >= .milliseconds(least) && time < .seconds(5))
            #expect(push.complaints == ["2 messages have not left"])
        }
    }

    @Test("without --linger closing waits until everything has been sent")
    func lingerUntilSent() throws {
        let endpoint = try freeEndpoint()
        let push = try Cat("push", "--connect", endpoint, "--events")
        try push.input("1\n2\n3")
        try push.process.expectOutput("event connect-delayed \(endpoint) ", on: .error)
        let pull = try Cat("pull", "--bind", endpoint, "--count", "3")
        #expect(try pull.output() == "1\n2\n3\n")
        try push.output()
    }

    @Test("a second signal does not wait for unsent messages")
    func impatience() throws {
        let push = try Cat(
            "push",
            "--connect",
            freeEndpoint(),
            "--events",
            "--linger",
            "60s",
            environment: abruptEnd
        )
        try push.input("x\n")
        try push.process.expectOutput("event connect-delayed", on: .error)
        try waitUntil("it to give up") {
            push.process.interrupt()
            return !push.process.isRunning
        }
        try push.output()
    }

    @Test("--delay: the first line is read after it, the socket is open before")
    func delay() throws {
        let (push, endpoint) = try Cat.bound("push", "--delay", "400ms")
        let time = try elapsed {
            let pull = try Cat("pull", "--connect", endpoint, "--count", "1")
            try push.input("x\n")
            try pull.output()
        }
        #expect(time >= .milliseconds(200))
        try push.output()
    }

    @Test("end of input: a type that can receive continues")
    func endOfInput() throws {
        let (dealer, endpoint) = try Cat.bound("dealer", "--count", "1")
        dealer.process.closeInput()
        let other = try Cat("dealer", "--connect", endpoint)
        try other.process.write("late\n")
        #expect(try dealer.output() == "late\n")
    }

    @Test("--events reports connections")
    func events() throws {
        let (pull, endpoint) = try Cat.bound("pull", "--events", "--count", "1")
        let push = try Cat("push", "--connect", endpoint, "--events")
        try push.input("x\n")
        try pull.output()
        try push.output()
        for name in ["listening", "closed"] {
            #expect(pull.process.standardError.contains("event \(name) \(endpoint)\n"), "\(name)")
        }
        for name in ["accepted", "handshake-succeeded"] {
            #expect(pull.process.standardError.contains("event \(name) \(endpoint) 127.0.0.1:"), "\(name)")
        }
        for name in ["connected", "handshake-succeeded", "disconnected"] {
            #expect(push.process.standardError.contains("event \(name) \(endpoint)"), "\(name)")
        }
        #expect(pull.process.standardError.contains("bound \(endpoint)\n"))
    }

    @Test("--events gives reasons: a peer of the wrong type")
    func reasons() throws {
        let (pull, endpoint) = try Cat.bound("pull", "--events")
        let sub = try Cat("sub", "--connect", endpoint, "--events")
        for cat in [pull, sub] { try cat.process.expectOutput("event handshake-failed \(endpoint) ", on: .error) }
    }
}
