import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Shared messages whose tasks wait for as much as the buffer holds: nothing of it is ever in the buffer.
@Suite(.hangLimit)
struct SmallBufferTests {
    @Test(
        "a buffer that its waiting tasks empty at once does not stall",
        arguments: [(limit: 1, tasks: 1), (1, 3), (2, 2), (2, 5), (8, 8)]
    )
    func waitingTasks(limit: Int, tasks: Int) throws {
        try withScene { scene in try stream(scene, pull: scene.pull(), limit, tasks) }
    }

    @Test("messages of which one fills the buffer's bytes do not stall", arguments: [1, 3])
    func bytes(tasks: Int) throws {
        try withScene { scene in
            try stream(scene, pull: scene.pull { $0.receiveHighWaterMarkBytes = 1 }, 1000, tasks)
        }
    }

    private func stream(_ scene: Scene, pull: PullSocket, _ limit: Int, _ tasks: Int) throws {
        let (count, push, records) = (50, try scene.push(), Recorder())
        let messages = pull.sharedMessages(bufferingUpTo: limit)
        try scene.connect(push, to: pull)
        for _ in 0..<tasks {
            scene.task(records) { _ in for try await message in messages { records.add(message) } }
        }
        scene.turn()
        for number in 0..<count { try #expect(push.send("\(number)") == .accepted) }
        try scene.wait(for: count, entriesOf: records)
        #expect(Set(records.texts) == Set((0..<count).map { "\($0)" }))
    }
}
