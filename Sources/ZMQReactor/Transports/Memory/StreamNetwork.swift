package import EventReactor

/// A network in memory, in the place of the operating system's: it connects names by byte streams. `ZMQReactorTesting`
/// gives one to the reactors of a scene; no other reactor has one.
package protocol StreamNetwork: AnyObject {
    /// Listens at the name. Returns false when something else does.
    ///
    /// - Parameter accept: called in a turn of the reactor, with the near end of each connection.
    func listen(at name: String, on reactor: Reactor, _ accept: @escaping (any ByteStreamSubstitute) -> Void) -> Bool

    /// Ends the listening. Connections stay.
    func stopListening(at name: String)

    /// Begins to connect to the name, and returns the number of the attempt.
    ///
    /// - Parameter completion: called in a turn of the reactor, with the near end of the connection, or nil when
    ///   nothing listens there; never when the attempt is cancelled before.
    func connect(
        to name: String,
        on reactor: Reactor,
        _ completion: @escaping ((any ByteStreamSubstitute)?) -> Void
    ) -> Int

    /// Gives an attempt up.
    func cancel(attempt number: Int)
}

extension Reactor {
    /// The network in memory that the reactor's sockets use; nil for none. It belongs to its scene: it has a reactor
    /// itself, and the two would keep each other.
    package var network: (any StreamNetwork)? {
        get { AttachedNetwork.of(self).network }
        set { AttachedNetwork.of(self).network = newValue }
    }
}

private final class AttachedNetwork: ReactorLocal {
    weak var network: (any StreamNetwork)?
}
