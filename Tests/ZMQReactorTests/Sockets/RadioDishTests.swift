import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite(.hangLimit)
struct RadioDishTests {
    @Test(
        "RAD-1, RAD-2, DSH-1, DSH-2: messages go to the members of exactly their group",
        arguments: Road.kinds,
        [(0, true), (0, false), (1, true), (1, false)]
    )
    func groups(road: Road, setting: (ioThreads: Int, radioBinds: Bool)) throws {
        try withScene(in: Context(ioThreads: setting.ioThreads)) { scene in
            let radio = try scene.open(RadioSocket.self)
            let dish = try scene.dish(in: "a", "abc")
            let (server, client): (Socket, Socket) = setting.radioBinds ? (radio, dish) : (dish, radio)
            try server.bind(road.endpoint)
            try scene.connect(client, to: server)
            try scene.wait(for: 1, membersOf: radio, in: "abc")
            #expect(radio.groupCount == 2 && radio.memberCount(of: "ab") == 0 && radio.memberCount(of: "") == 0)
            let large = Frame(Pattern.bytes(200_000))
            for group in ["", "a", "ab", "abc", "abcd", "b"] as [Frame] {
                try radio.send([group, "1"] as Message)
                try radio.send("2", to: group)
                try radio.send([large] as Message, to: group)
                try radio.send("3".utf8Span.span.bytes, to: group)
            }
            for group in ["a", "abc"] as [Frame] {
                for body in ["1", "2", large, "3"] as [Frame] {
                    #expect(try scene.receive(dish) == [group, body])
                }
            }
            // Later groups, and one that is left.
            try dish.join("")
            try dish.leave("a")
            try scene.wait("the change") { radio.memberCount(of: "") == 1 && radio.memberCount(of: "a") == 0 }
            for group in ["a", "", "abc"] as [Frame] { try radio.send("4", to: group) }
            #expect(try scene.receive(2, dish) == ["|4", "abc|4"])
            #expect(try scene.receiveAll(dish).isEmpty && radio.statistics.messagesDropped == 0)
        }
    }

    @Test("RAD-4: a group has at most 255 bytes, none of them 0; the longest and the empty one work")
    func limits() throws {
        try withScene { scene in
            let (radio, dish) = try (scene.open(RadioSocket.self), scene.dish())
            try scene.connect(dish, to: radio)
            let longest = Frame([UInt8](repeating: 255, count: 255))
            for group in [longest, "", Frame([UInt8](repeating: 1, count: 254))] {
                try dish.join(group)
                try scene.wait(for: 1, membersOf: radio, in: group)
                try radio.send("x", to: group)
                #expect(try scene.receive(dish) == [group, "x"])
            }
            for group in [Frame([UInt8](repeating: 65, count: 256)), Frame([65, 0]), Frame([0])] {
                for call: () throws -> Void in [
                    { try dish.join(group) }, { try dish.leave(group) }, { try radio.send("x", to: group) },
                    { try radio.send([group, "x"] as Message) },
                ] {
                    let error = #expect(throws: ZMQError.self) { try call() }
                    #expect(error?.code == .invalidArgument)
                }
            }
            #expect(dish.groupCount == 3)
        }
    }

    @Test("DSH-1: joining twice, and leaving a group that was not joined, are errors and change nothing")
    func memberships() throws {
        try withScene { scene in
            let dish = try scene.dish(in: "a")
            for call: () throws -> Void in [{ try dish.join("a") }, { try dish.leave("b") }, { try dish.leave("") }] {
                let error = #expect(throws: ZMQError.self) { try call() }
                #expect(error?.code == .invalidArgument)
            }
            #expect(dish.groupCount == 1)
            try dish.leave("a")
            #expect(throws: ZMQError.self) { try dish.leave("a") }
            try scene.close(dish)
            let error = #expect(throws: ZMQError.self) { try dish.join("a") }
            #expect(error?.code == .closed)
        }
    }

    @Test(
        "RAD-3: on the wire they are JOIN and LEAVE, and frames, for peers of both versions",
        arguments: [0, 1] as [UInt8]
    )
    func wire(minor: UInt8) throws {
        try withTimedScene { scene in
            let dish = try scene.dish(in: "one")
            let peer = try scene.rawPeer("RADIO", of: dish, minor: minor)
            let first = Wire.command("JOIN", Array("one".utf8))
            #expect(try peer.receive(first.count, scene) == first)
            try dish.join("two")
            try dish.leave("one")
            let change = Wire.command("JOIN", Array("two".utf8)) + Wire.command("LEAVE", Array("one".utf8))
            #expect(try peer.receive(change.count, scene) == change)
            peer.send(Wire.message("two", "body") + Wire.message([Array("two".utf8), [66]], long: true))
            #expect(try scene.receive(2, dish) == ["two|body", "two|B"])

            let radio = try scene.open(RadioSocket.self)
            let member = try scene.rawPeer("DISH", of: radio, minor: minor)
            member.send(Wire.command("JOIN", Array("g".utf8)))
            try scene.wait(for: 1, membersOf: radio, in: "g")
            try radio.send("body", to: "g")
            #expect(try member.receive(9, scene) == Wire.message("g", "body"))
            member.send(Wire.command("LEAVE", Array("g".utf8)))
            try scene.wait(for: 0, membersOf: radio)
            try radio.send("body", to: "g")
            #expect(scene.heard(member).isEmpty)
        }
    }

    @Test("DSH-1: groups are joined again after a reconnect, and a peer that is gone is no member", arguments: [0, 1])
    func reconnects(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            var radio = try scene.open(RadioSocket.self)
            let dish = try scene.dish(in: "a", "b")
            let endpoint = try radio.bind(freeEndpoint())
            try scene.connect(dish, to: radio)
            try scene.wait(for: 1, membersOf: radio, in: "b")
            try scene.close(radio)
            radio = try scene.open(RadioSocket.self)
            try radio.bind(endpoint)
            try scene.wait("both groups") { radio.groupCount == 2 }
            try radio.send("again", to: "b")
            #expect(try scene.receive(dish) == ["b", "again"])
            try scene.close(dish)
            try scene.wait("the end") { radio.memberCount == 0 && radio.groupCount == 0 }
        }
    }

    @Test(
        "RAD-5: sends never wait; a member whose queue is full misses the message, which is reported",
        .nothingMovesByItself
    )
    func fullQueue() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let radio = try scene.open(RadioSocket.self, { $0.sendHighWaterMark = 2 }, handler: recorder)
            try radio.send("nobody", to: "g")
            let dish = try scene.dish(in: "g")
            try scene.connect(dish, to: radio)
            try scene.wait(for: 1, membersOf: radio)
            for number in 0..<4 { #expect(try radio.send("\(number)", to: "g") == .accepted) }
            #expect(recorder.dropCount == 2 && radio.statistics.dropped[.queueFull] == 2)
            #expect(try scene.receiveAll(dish) == ["g|0", "g|1"])
        }
    }

    @Test("DSH-5, HWM-03: the receive mark stops reading")
    func receiveMark() throws {
        try withTimedScene { scene in
            let dish = try scene.dish(in: "g") { $0.receiveHighWaterMark = 2 }
            let peer = try scene.rawPeer("RADIO", of: dish)
            for byte in 65..<75 { peer.send(Wire.message([Array("g".utf8), [UInt8(byte)]])) }
            scene.settle()
            #expect(dish.statistics.messagesReceived == 2)
            #expect(try (0..<10).map { _ in try scene.receive(dish)[1].string }.joined() == "ABCDEFGHIJ")
        }
    }

    @Test("DSH-3, DSH-4: what is for no joined group, or has no group, is dropped and counted", arguments: [0, 1])
    func otherMessages(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let received = Recorder()
            let handled = try scene.open(DishSocket.self) { received.add($1) }
            try handled.join("g")
            let plain = try scene.dish(in: "g")
            for dish in [handled, plain] {
                let peer = try scene.rawPeer("RADIO", of: dish)
                let foreign = [Wire.message("h", "1"), Wire.message("", "1"), Wire.message("gg", "1")]
                let long = [Wire.message([[UInt8](repeating: 103, count: 300), [1]])]
                peer.send((foreign + long + [Wire.message("g"), Wire.message("g", "ok")]).flatMap(\.self))
                if dish === plain { #expect(try scene.receive(plain) == ["g", "ok"]) }
                try scene.wait("all") { dish.statistics.dropped.total == 5 }
                #expect(dish.statistics.dropped[.notSubscribed] == 4 && dish.statistics.dropped[.malformed] == 1)
            }
            try scene.wait("the message") { received.count == 1 }
            #expect(received.texts == ["g|ok"])
        }
    }

    @Test("RAD-3: what a member sends beside JOIN and LEAVE is discarded, however it looks")
    func uplink() throws {
        try withTimedScene { scene in
            let radio = try scene.open(RadioSocket.self)
            let peer = try scene.rawPeer("DISH", of: radio)
            peer.send(
                Wire.message([[1] + Array("a".utf8)]) + Wire.message("x", "y", "z") + Wire.command("SUBSCRIBE", [65])
                    + Wire.command("JOIN", Array("a".utf8))
            )
            try scene.wait(for: 1, membersOf: radio, in: "a")
            #expect(radio.groupCount == 1 && radio.statistics.dropped[.unexpected] == 2)
        }
    }

    @Test("RAD-4, RAD-6: hostile requests end the connection of that peer only", arguments: [0, 1])
    func hostile(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let radio = try scene.open(RadioSocket.self)
            let calm = try scene.dish(in: "calm")
            try scene.connect(calm, to: radio)
            try scene.wait(for: 1, membersOf: radio)
            let attacks: [[UInt8]] = [
                Wire.command("JOIN", [UInt8](repeating: 65, count: 256)), Wire.command("JOIN", [65, 0]),
                Wire.command("LEAVE", [UInt8](repeating: 65, count: 60_000)),
                Wire.frame(flags: 1, [65]) + Wire.command("JOIN", [66]), [4, 0], [4, 3, 9, 74, 79],
            ]
            for attack in attacks {
                let peer = try scene.rawPeer("DISH", of: radio)
                peer.send(Wire.command("JOIN", [66]) + attack)
                try scene.waitForEnd(of: peer)
                try scene.wait("its end") { radio.memberCount(of: "B") == 0 }
            }
            // Those that are odd and legal.
            let peer = try scene.rawPeer("DISH", of: radio)
            peer.send(
                Wire.command("LEAVE", [88]) + Wire.command("JOIN", [], long: true) + Wire.command("JOIN", [])
                    + Wire.command("LEAVE", [])
            )
            scene.settle()
            #expect(radio.groupCount == 1 && radio.peerCount == 2)
            try radio.send("calm down", to: "calm")
            #expect(try scene.receive(calm) == ["calm", "calm down"])
        }
    }

    @Test("RAD-6: memberships are bounded as subscriptions are", arguments: [0, 1])
    func storm(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let radio = try scene.open(RadioSocket.self)
            radio.subscriptionLimits.topics = 10
            radio.subscriptionLimits.bytes = 500
            for (count, size, reason) in [
                (11, 1, "more than 10 subscriptions"), (3, 200, "subscriptions of more than 500 bytes"),
            ] {
                var reasons: [String] = []
                radio.onEvent = { if $1.isDisconnect { reasons.append($1.reason?.message ?? "") } }
                let peer = try scene.rawPeer("DISH", of: radio)
                for number in 0..<count {
                    peer.send(Wire.command("JOIN", [UInt8](repeating: UInt8(65 + number), count: size)))
                }
                try scene.wait("the end") { !reasons.isEmpty }
                #expect(reasons == [reason])
                try scene.wait("no members") { radio.groupCount == 0 }
            }
        }
    }

    @Test("a RADIO waits for members")
    func waiting() throws {
        try withScene { scene in
            let radio = try scene.open(RadioSocket.self)
            let records = Recorder()
            radio.waitForMembers(2, of: "g") { records.add((try? $0.get()) == nil ? "failed" : "two") }
            scene.task(records) { _ in
                try await radio.waitForMembers()
                records.add("any")
                try await radio.waitForMembers(3, within: .milliseconds(20))
            }
            let (one, two) = try (scene.dish(in: "other"), scene.dish(in: "g"))
            try scene.connect(one, to: radio)
            try scene.connect(two, to: radio)
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.takeTexts() == ["any", "ETIMEDOUT"])
            try one.join("g")
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["two"])
        }
    }
}
