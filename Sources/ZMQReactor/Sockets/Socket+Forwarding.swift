import ZMTP

// Forwarding of messages from one socket to another: in batches, which are passed on unchanged where the type's rule
// allows it.

extension Socket {
    /// Whether messages can be received from the socket at any time.
    final var isForwardingSource: Bool { type.traits.contains(.receives) && !type.traits.contains(.lockstep) }

    /// Whether messages can be sent with the socket at any time.
    final var isForwardingSink: Bool { type.traits.contains(.sends) && !type.traits.contains(.lockstep) }

    /// Whether messages received from this socket can be sent with the other one. With types whose messages have one
    /// frame, those with a frame in front cannot.
    final func canForward(to sink: Socket) -> Bool {
        isForwardingSource && sink.isForwardingSink
            && !(type.traits.contains(.envelops) && sink.type.traits.contains(.singleFrame))
    }
}
