// Keeps a list of tasks that web pages show and change: one socket takes their requests, another publishes the list.

import ArgumentParser
import ZMQReactor

@main
struct TaskBoard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task-board",
        abstract: "Keep a list of tasks: add and finish them on request, and publish all whenever they change."
    )

    @Option(help: "An endpoint for the requests \"list\", \"add\" TEXT and \"finish\" NUMBER. Repeatable.")
    var requests = ["tcp://*:5571", "ws://*:8081/tasks"]

    @Option(help: "An endpoint for subscribers to \"board\". Repeatable.")
    var updates = ["tcp://*:5572", "ws://*:8082/board"]

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let board = Board()
        let publisher = try XPubSocket(on: reactor, in: context, handler: board)
        // A subscriber without room misses a list, and has the next one: a publisher never waits.
        // Every subscriber is to have the list, not only the first one.
        publisher.verbosity = .verbose
        let clerk = try RepSocket(on: reactor, in: context) { _, request, reply in
            do throws(Refusal) {
                if try board.execute(request) { _ = try? publisher.send(board.message(behind: "board")) }
                reply.send(board.message(behind: "ok"))
            } catch {
                reply.send(["refused", Frame(error.reason)])
            }
        }
        for endpoint in updates { try publisher.bind(endpoint) }
        for endpoint in requests { try clerk.bind(endpoint) }
        reactor.run()
    }
}

private struct Refusal: Error {
    let reason: String
}

private final class Board: XPubHandler {
    private struct Task {
        let number: Int
        let text: String
        var isDone = false
    }

    private static let mostTasks = 20
    private static let longestText = 100

    private var tasks = [Task(number: 1, text: "Open this page in a second window")]
    private var lastNumber = 1

    /// A frame, and one for each task: "1 open Water the plants".
    func message(behind first: Frame) -> Message {
        Message(frames: [first] + tasks.map { Frame("\($0.number) \($0.isDone ? "done" : "open") \($0.text)") })
    }

    /// A new subscriber, or one that has connected again, need not ask for the list. There is room for its first message.
    func socket(_ publisher: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
        _ = try? publisher.send(message(behind: "board"), to: subscriber)
    }

    /// Returns whether the tasks have changed.
    func execute(_ request: Message) throws(Refusal) -> Bool {
        let words = request.strings
        switch (words[0], words.count) {
        case ("list", 1): return false
        case ("add", 2): try add(words[1])
        case ("finish", 2): try finish(words[1])
        default: throw Refusal(reason: "a request is \"list\", \"add\" and a text, or \"finish\" and a number")
        }
        return true
    }

    private func add(_ text: String) throws(Refusal) {
        let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard (1...Self.longestText).contains(text.count) else {
            throw Refusal(reason: "a task has 1 to \(Self.longestText) characters")
        }
        if tasks.count == Self.mostTasks {
            guard let oldest = tasks.firstIndex(where: \.isDone) else {
                throw Refusal(reason: "the board is full: \(Self.mostTasks) tasks are open")
            }
            tasks.remove(at: oldest)
        }
        lastNumber += 1
        tasks.append(Task(number: lastNumber, text: text))
    }

    private func finish(_ number: String) throws(Refusal) {
        guard let index = tasks.firstIndex(where: { String($0.number) == number }) else {
            throw Refusal(reason: "there is no task \(number.prefix(20))")
        }
        tasks[index].isDone = true
    }
}
