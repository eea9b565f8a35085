import EventReactor

// What a report of a slow handler names instead of a part of a connection: the socket, whose handlers that calls.

extension Listener: OwnedHandler {
    var handlerOwner: (any HandlerOwner)? { host as? any HandlerOwner }
}

extension Connector: OwnedHandler {
    var handlerOwner: (any HandlerOwner)? { host as? any HandlerOwner }
}

extension StreamConnection: OwnedHandler {
    var handlerOwner: (any HandlerOwner)? { (owner as? any OwnedHandler)?.handlerOwner }
}

extension ChannelConnection: OwnedHandler {
    var handlerOwner: (any HandlerOwner)? { pipe.sink as? any HandlerOwner }
}

extension CodecStream: OwnedHandler {
    var handlerOwner: (any HandlerOwner)? { (handler as? any OwnedHandler)?.handlerOwner }
}
