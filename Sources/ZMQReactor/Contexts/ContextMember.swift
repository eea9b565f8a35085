import EventReactor

/// All that a context knows of its sockets.
protocol ContextMember: AnyObject {
    var context: Context { get }
    var budgets: PipeBudgets { get }

    /// The number of the context's visitors that have been called with it.
    var visits: Int { get set }
    /// Reports its events to a receiver, too, or no longer.
    func reportEvents(to receiver: any ContextEventReceiver)
    func reportNoEvents(to receiver: any ContextEventReceiver)

    /// Begins to close, because the context is terminated.
    func close(_ completion: @escaping (CloseReport) -> Void)

    /// Accepts no further peer.
    func stopListening()

    /// Closes without waiting, because the thread ends or the time is over.
    func closeAtOnce()
}

/// The members of all contexts on one reactor. Keeps them alive even when the application does not.
final class ContextMembers: ReactorLocal {
    private var members: [ObjectIdentifier: (number: Int, member: any ContextMember)] = [:]
    private var nextNumber = 0

    /// Called when the last member is gone.
    var whenEmpty: (() -> Void)?

    var isEmpty: Bool { members.isEmpty }

    /// In the order in which they were made.
    var all: [any ContextMember] { members.values.sorted { $0.number < $1.number }.map(\.member) }

    func members(of context: Context) -> [any ContextMember] { all.filter { $0.context === context } }

    func add(_ member: some ContextMember) {
        members[ObjectIdentifier(member)] = (nextNumber, member)
        nextNumber += 1
    }

    func remove(_ member: some ContextMember) {
        members[ObjectIdentifier(member)] = nil
        if members.isEmpty { whenEmpty?() }
    }
}

extension ContextMembers: EndOfThreadHandler {
    func reactorThreadEnds() { for member in all { member.closeAtOnce() } }
}
