import EventReactor
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The state shared by the threads of a stress run, and their findings.
final class StressBoard: Sendable {
    /// A bound endpoint, or one with connections before it is bound.
    struct Place: Sendable {
        let endpoint: String
        /// The type of the socket there.
        let type: SocketType
        /// The member there.
        let owner: Int
        /// The context in which the other one must be; nil for any.
        let context: Int?
    }

    struct Numbered: Sendable {
        let number: Int
        let context: Context
    }

    private struct State {
        var contexts: [Numbered]
        var bound: [Place] = []
        var wanted: [Place] = []
        var lastNumber = 0
        var terminations = (begun: 0, finished: 0)
        var problems: [String] = []
        /// For each stream, a bit for each message that has been delivered.
        var delivered: [Int: Bits] = [:]
        var counts: [String: Int] = [:]
    }

    private let state: Locked<State>

    init(ioThreads: [Int]) {
        let contexts = ioThreads.enumerated().map { Numbered(number: -1 - $0, context: Context(ioThreads: $1)) }
        state = Locked(State(contexts: contexts))
    }

    /// A number that is unique in this run.
    func nextNumber() -> Int {
        state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    // MARK: Contexts

    func context(_ choice: Int) -> Numbered { state.withLock { $0.contexts[choice % $0.contexts.count] } }

    /// Terminates a context and replaces it by a new one.
    func replaceContext(_ choice: Int) {
        let fresh = nextNumber()
        let old = state.withLock { state in
            let index = choice % state.contexts.count
            let old = state.contexts[index]
            state.contexts[index] = Numbered(number: fresh, context: Context(ioThreads: old.context.ioThreads))
            state.bound.removeAll { $0.context == old.number }
            state.wanted.removeAll { $0.context == old.number }
            return old
        }
        terminate(old.context)
    }

    func terminateAll() {
        for numbered in state.withLock({ $0.contexts }) { terminate(numbered.context) }
    }

    private func terminate(_ context: Context) {
        state.withLock { $0.terminations.begun += 1 }
        context.terminate { _ in self.state.withLock { $0.terminations.finished += 1 } }
    }

    /// The terminations that have not completed.
    var pendingTerminations: Int { state.withLock { $0.terminations.begun - $0.terminations.finished } }

    // MARK: Endpoints

    func addBound(_ place: Place) {
        state.withLock { state in
            state.bound.append(place)
            // Old ones are likely to be gone.
            if state.bound.count > 60 { state.bound.removeFirst(20) }
        }
    }

    func addWanted(_ place: Place) { state.withLock { $0.wanted.append(place) } }

    func removeBound(_ endpoint: String) { state.withLock { $0.bound.removeAll { $0.endpoint == endpoint } } }

    /// The places of sockets of the type that the context can reach.
    func bound(_ type: SocketType, context: Int) -> [Place] {
        state.withLock { state in
            state.bound.filter { $0.type == type && $0.context ?? context == context }
        }
    }

    /// A place to which a socket of the type is connected before it is bound.
    func takeWanted(_ type: SocketType, context: Int) -> Place? {
        state.withLock { state -> Place? in
            let index = state.wanted.firstIndex { $0.type == type && $0.context ?? context == context }
            return index.map { state.wanted.remove(at: $0) }
        }
    }

    // MARK: Findings

    func report(_ problem: String) {
        state.withLock { if $0.problems.count < 20 { $0.problems.append(problem) } }
    }

    var problems: [String] { state.withLock { $0.problems } }

    func count(_ what: String, _ number: Int = 1) { state.withLock { $0.counts[what, default: 0] += number } }

    var counts: [String: Int] { state.withLock { $0.counts } }

    /// The messages that one thread has received of streams whose messages go to one receiver each.
    func merge(_ delivered: [Int: Bits]) {
        for (stream, bits) in delivered {
            let isTwice = state.withLock { !$0.delivered[stream, default: Bits()].add(bits) }
            if isTwice { report("stream \(stream): a message was delivered to two receivers") }
        }
    }
}

/// A set of small numbers.
struct Bits: Sendable {
    private var words: [UInt64] = []

    /// Returns whether it is new.
    mutating func insert(_ number: Int) -> Bool {
        let (index, bit) = (number / 64, UInt64(1) << UInt64(number % 64))
        while words.count <= index { words.append(0) }
        defer { words[index] |= bit }
        return words[index] & bit == 0
    }

    /// Returns whether all of them are new.
    mutating func add(_ other: Bits) -> Bool {
        while words.count < other.words.count { words.append(0) }
        var areNew = true
        for (index, word) in other.words.enumerated() {
            if words[index] & word != 0 { areNew = false }
            words[index] |= word
        }
        return areNew
    }
}
