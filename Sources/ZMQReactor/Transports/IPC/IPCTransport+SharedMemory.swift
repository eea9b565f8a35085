import EventReactor
import ZMTP

extension IPCTransport {
    /// Whether connections of the endpoint may move to shared memory: raw ones have no handshake that says so.
    private func sharesMemory(_ endpoint: EndpointOptions) -> Bool {
        endpoint.options.ipcSharesMemory && !endpoint.profile.type.traits.contains(.raw)
    }

    func substitute(
        for descriptor: CInt,
        _ role: Engine.Configuration.Role,
        _ endpoint: EndpointOptions,
        on reactor: Reactor
    ) -> (any ByteStreamSubstitute)? {
        guard sharesMemory(endpoint) else { return nil }
        return SharedMemoryStream(descriptor, isConnecting: role == .connecting, on: reactor)
    }

    func metadata(_ endpoint: EndpointOptions) -> Metadata {
        var metadata = Metadata()
        if sharesMemory(endpoint) {
            metadata.append(SharedMemoryStream.property, SharedMemoryStream.propertyValue)
        }
        return metadata
    }
}
