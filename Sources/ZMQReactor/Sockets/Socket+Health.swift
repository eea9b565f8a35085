import EventReactor

// What a report of a slow handler says of a socket.

extension Socket: OwnedHandler, HandlerOwner {
    package var handlerOwner: (any HandlerOwner)? { self }

    /// For example `PULL socket tcp://127.0.0.1:5555`.
    package var reportName: String {
        let endpoint = listeners.first?.endpoint ?? connectors.first?.endpoint
        return "\(type) socket" + (endpoint.map { " \($0)" } ?? "")
    }

    package var reportedHandlerType: Any.Type? { handlerType is any ClosureAdapter.Type ? nil : handlerType }
}

/// A handler that only calls a closure.
protocol ClosureAdapter {}

extension _ClosureHandler: ClosureAdapter {}
