/// A watcher's reference to its reactor, which is not counted: a timer that is cancelled costs no atomic operation, and
/// a watcher keeps no reactor alive.
///
/// Proof: a watcher uses it only while it is active, and a reactor makes all of its watchers inactive before it is gone
/// (`Reactor.releaseWatchers`).
struct ReactorReference {
    private let reactor: Unmanaged<Reactor>

    init(_ reactor: Reactor) { self.reactor = .passUnretained(reactor) }

    @inline(__always)
    func use<Result>(_ body: (Reactor) -> Result) -> Result { reactor._withUnsafeGuaranteedRef(body) }
}
