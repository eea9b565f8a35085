/// A type of which each reactor has one object, made at its first use; see ``Reactor/shared(_:orMake:)``.
///
/// At the end of its thread, a reactor ends those that are an ``EndOfThreadHandler``, and then releases all, each time in
/// the order in which they were made.
package protocol ReactorLocal: AnyObject {
    init()
}

extension ReactorLocal {
    /// The reactor's object. Found by a short search: what needs it for every message keeps it.
    package static func of(_ reactor: Reactor) -> Self { reactor.shared(Self.self) { Self() } }
}
