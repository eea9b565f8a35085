import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Traffic over a misbehaving network.
struct RelayTests {
    @Test(arguments: [Relay.Manner.straight, .bytewise, .delayed(.milliseconds(1))])
    func messagesArriveWhateverTheSegments(manner: Relay.Manner) throws {
        try withScene { scene in
            let pull = try scene.pull()
            let relay = try Relay(on: scene.reactor, to: pull.bind(anyPort), manner)
            let push = try scene.push()
            try push.connect(relay.endpoint)
            let sizes = [0, 1, 255, 256, 3, 1000]
            for size in sizes { #expect(try push.send(Pattern.bytes(size, seed: size)) == .accepted) }
            var received: [[UInt8]] = []
            try scene.run(until: {
                while let message = try pull.tryReceive() { received.append(message[0].withUnsafeBytes { Array($0) }) }
                return received.count == sizes.count
            })
            #expect(received == sizes.map { Pattern.bytes($0, seed: $0) })
            relay.close()
        }
    }

    @Test func SND03_SND07_aStallHoldsMessagesAndLosesNone() throws {
        try withScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            let relay = try Relay(on: scene.reactor, to: pull.bind(anyPort))
            let push = try scene.push()
            try push.connect(relay.endpoint)
            try scene.run(until: { push.peerCount == 1 })
            relay.manner = .stalled
            for number in 0..<100 { #expect(try push.send("\(number)") == .accepted) }
            scene.settle()
            #expect(inbox.count == 0)
            relay.manner = .straight
            try scene.run(until: { inbox.count == 100 })
            #expect(inbox.texts == (0..<100).map { "\($0)" })
            relay.close()
        }
    }

    @Test func TOP10_TRN02_resetsInTraffic() throws {
        try withScene { scene in
            var numbers: [Int] = []
            let pull = try scene.pull { numbers.append($1[0].decimal!) }
            let relay = try Relay(on: scene.reactor, to: pull.bind(anyPort))
            let push = try scene.push { $0.sendHighWaterMark = 50 }
            try push.connect(relay.endpoint)
            var next = 0
            for reset in 1...7 {
                let before = numbers.count
                // Data of an earlier connection may still arrive; the reset must hit the new one during its traffic.
                try scene.run(until: {
                    while try push.send("\(next)") == .accepted { next += 1 }
                    return numbers.count > before + 200 && push.statistics.reconnects >= reset - 1
                })
                relay.reset()
            }
            // Data under way at a reset is lost; the rest arrives once. Each connection has an order of its own: from
            // an I/O thread, the first of a new one may be there before the last of the one before.
            #expect(Set(numbers).count == numbers.count)
            let steps = zip(numbers, numbers.dropFirst())
            if ioThreadsOfTests == 0 { #expect(steps.allSatisfy { $0 < $1 }) }
            relay.close()
        }
    }

    @Test func MSG23_aMessageInterruptedByAResetIsDiscarded() throws {
        try withScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            let relay = try Relay(on: scene.reactor, to: pull.bind(anyPort), .bytewise)
            let push = try scene.push()
            try push.connect(relay.endpoint)
            #expect(try push.send("a message in parts") == .accepted)
            // The greetings, the READYs and a piece of the message.
            try scene.run(until: { push.peerCount == 1 && relay.byteCount > 64 * 2 + 2 * 27 + 8 })
            relay.reset()
            scene.settle()
            #expect(inbox.count == 0)
            relay.manner = .straight
            try scene.run(until: { push.peerCount == 1 })
            #expect(try push.send("whole") == .accepted)
            try scene.run(until: { inbox.texts.last == "whole" })
            relay.close()
        }
    }

    @Test func TOP11_subscriptionsAreRestoredThroughResets() throws {
        try withScene { scene in
            let inbox = Recorder()
            let pub = try scene.pub()
            let sub = try scene.sub { inbox.add($1) }
            let relay = try Relay(on: scene.reactor, to: pub.bind(anyPort))
            try sub.subscribe(to: "a")
            try sub.connect(relay.endpoint)
            for round in 1...3 {
                try scene.run(until: { pub.topicCount == 1 })
                try pub.send("a\(round)")
                try pub.send("b\(round)")
                try scene.run(until: { inbox.count == round })
                relay.reset()
                try scene.run(until: { pub.topicCount == 0 })
            }
            #expect(inbox.texts == ["a1", "a2", "a3"])
            relay.close()
        }
    }
}
