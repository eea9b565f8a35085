import ZMTP

// Groups in the calls of an application (RAD-4).

extension Frame {
    /// Throws when the frame cannot be a group.
    func requireGroup() throws(ZMQError) {
        guard let fault = withUnsafeBytes({ Group.fault(of: $0) }) else { return }
        throw ZMQError(.invalidArgument, "the group \(fault)")
    }

    /// Calls `body` with the group as a topic.
    func withTopic<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { withUnsafeBytes { Group.withTopic($0, body) } }
}
