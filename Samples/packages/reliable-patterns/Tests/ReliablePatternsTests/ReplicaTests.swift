import Foundation
import Testing
import ZMQReactor

@testable import Clone

/// The rules of RFC 12 and of the gaps, without sockets.
struct ReplicaTests {
    private func change(_ sequence: UInt64, _ key: String = "a", _ value: String? = nil) -> Change {
        Change(key: key, sequence: sequence, value: Array((value ?? "\(sequence)").utf8))
    }

    private func current(at sequence: UInt64) -> Replica {
        var replica = Replica()
        _ = replica.receive(.heartbeat(sequence: sequence))
        _ = replica.install([:], sequence: sequence)
        return replica
    }

    @Test("the snapshot is asked for when the subscription is in force, and not earlier")
    func order() {
        var replica = Replica()
        #expect(!replica.needsSnapshot && !replica.isCurrent)
        #expect(replica.install(["a": [1]], sequence: 1).isEmpty && replica.entries.isEmpty)
        #expect(replica.receive(.heartbeat(sequence: 3)).isEmpty)
        #expect(replica.needsSnapshot)
        #expect(replica.install(["a": [1]], sequence: 3).isEmpty)
        #expect(replica.isCurrent && replica.entries == ["a": [1]] && replica.sequence == 3)
    }

    @Test("a snapshot at any point among the changes gives the same copy", arguments: 0...10 as ClosedRange<UInt64>)
    func anyPoint(sequence: UInt64) {
        let changes = (1...10).map { change($0, "\($0 % 3)") }
        var expected: [String: [UInt8]] = [:]
        var snapshot: [String: [UInt8]] = [:]
        for change in changes {
            expected[change.key] = change.value
            if change.sequence <= sequence { snapshot[change.key] = change.value }
        }
        // The subscription is in force from any change on that the snapshot contains, or the next one.
        for first in 1...Int(sequence) + 1 where first <= 10 {
            // The snapshot arrives before any change, or after some.
            for before in first...10 {
                var replica = Replica()
                _ = replica.receive(.heartbeat(sequence: 0))
                for change in changes[(first - 1)..<before] { _ = replica.receive(.change(change)) }
                _ = replica.install(snapshot, sequence: sequence)
                for change in changes[before...] { _ = replica.receive(.change(change)) }
                #expect(replica.isCurrent && replica.entries == expected && replica.sequence == 10)
            }
        }
    }

    @Test("a missing number leads to another snapshot, and the copy stands until that has arrived")
    func gap() {
        var replica = current(at: 1)
        #expect(replica.receive(.change(change(2))) == [change(2)])
        #expect(replica.receive(.change(change(4, "b"))).isEmpty)
        #expect(replica.needsSnapshot && replica.entries == ["a": Array("2".utf8)])
        #expect(replica.receive(.change(change(5))).isEmpty)
        #expect(replica.install(["a": [3]], sequence: 3) == [change(4, "b"), change(5)])
        #expect(replica.isCurrent && replica.sequence == 5)
    }

    @Test("a gap behind a snapshot leads to another one")
    func gapBehindSnapshot() {
        var replica = Replica()
        for sequence in [5, 7, 8] as [UInt64] { _ = replica.receive(.change(change(sequence))) }
        #expect(replica.install([:], sequence: 5).isEmpty)
        #expect(replica.needsSnapshot)
        #expect(replica.install([:], sequence: 7) == [change(8)])
    }

    @Test("a heartbeat shows that the last change is missing, or that the server has lost its map")
    func heartbeats() {
        for sequence in [4, 6] as [UInt64] {
            var replica = current(at: 5)
            _ = replica.receive(.heartbeat(sequence: 5))
            _ = replica.receive(.heartbeat(sequence: 0))
            #expect(replica.isCurrent, "the second one is that of a server that has no number in it")
            _ = replica.receive(.heartbeat(sequence: sequence))
            #expect(replica.needsSnapshot)
        }
    }

    @Test("changes are not kept without limit while there is no snapshot")
    func limit() {
        var replica = Replica()
        let count = UInt64(Replica.bufferLimit) + 5
        for sequence in 1...count { _ = replica.receive(.change(change(sequence))) }
        #expect(replica.install([:], sequence: 0).count == Replica.bufferLimit)
        _ = replica.receive(.heartbeat(sequence: count))
        #expect(replica.needsSnapshot)
    }

    @Test("an empty value deletes the key, and an old change changes nothing")
    func deletion() {
        var replica = current(at: 1)
        _ = replica.receive(.change(change(2)))
        #expect(replica.receive(.change(change(3, "a", ""))).count == 1)
        #expect(replica.entries.isEmpty)
        #expect(replica.receive(.change(change(2))).isEmpty && replica.entries.isEmpty)
    }

    @Test("a change that arrives again does not replace a later one, and is confirmed to its client")
    func repeatedChange() {
        var map = ServerMap()
        let (first, second) = (ChangeID(), ChangeID())
        #expect(map.apply(Change(key: "a", id: first, value: [1])).sequence == 1)
        #expect(map.apply(Change(key: "a", id: second, value: [2])).sequence == 2)
        let again = map.apply(Change(key: "a", id: first, value: [1]))
        #expect(again == Change(key: "a", sequence: 3, id: first, value: [2]) && map.entries == ["a": [2]])
    }

    @Test("a journal gives back all changes, but for one at its end that is cut short, at any byte")
    func journal() throws {
        let folder = try TestFolder()
        let path = "\(folder.path)/journal"
        let changes = [change(1, "a", "one"), change(2, "b", ""), change(3, "ü", "three")].map { change in
            var change = change
            change.id = ChangeID()
            return change
        }
        var lengths: [Int] = []
        do {
            let journal = try Journal(path) { _ in }
            for change in changes {
                try journal.append(change)
                lengths.append(try Data(contentsOf: URL(fileURLWithPath: path)).count)
            }
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for length in 0...whole.count {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            var restored: [Change] = []
            let journal = try Journal(path) { restored.append($0) }
            #expect(restored == Array(changes.prefix { lengths[Int($0.sequence) - 1] <= length }))
            // What is appended then is read again.
            try journal.append(changes[2])
            var last: Change?
            _ = try Journal(path) { last = $0 }
            #expect(last == changes[2])
        }
    }

    @Test("messages that are cut short, and others that are no commands, are not taken for one")
    func malformed() {
        let message = Change(key: "a", sequence: 1, id: ChangeID(), value: [1]).message
        #expect(Change(message) != nil && ServerCommand(message) != nil)
        for count in 1..<5 {
            #expect(Change(message.prefix(count)!) == nil && ServerCommand(message.prefix(count)!) == nil)
            #expect(SnapshotRequest(message.prefix(count)!) == nil)
        }
        #expect(Change(["a", "1", "", "", "value"]) == nil, "a number has 8 bytes")
        #expect(Change(["a", Frame(integer: UInt64(1)), "id", "", "value"]) == nil, "an id has 16 bytes")
        #expect(Change(["HUGZ", Frame(integer: UInt64(1)), "", "", "value"]) == nil, "the name of a command is no key")
        #expect(Change(message + "more") == nil)
    }
}
