import Glibc

/// What is done with descriptors of stream sockets, whatever the transport.
enum StreamDescriptor {
    /// Opens a socket that does not block and is closed on exec; -1 with errno set when that fails.
    static func open(_ family: CInt) -> CInt {
        socket(family, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    /// Sets an option, see setsockopt(2). Returns whether that succeeded.
    @discardableResult
    static func set(_ level: some BinaryInteger, _ option: CInt, _ value: Int, on descriptor: CInt) -> Bool {
        var value = CInt(clamping: value)
        return setsockopt(descriptor, CInt(level), option, &value, socklen_t(MemoryLayout<CInt>.size)) == 0
    }

    /// Reads an option; nil when there is none such.
    static func get(_ level: some BinaryInteger, _ option: CInt, of descriptor: CInt) -> CInt? {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, CInt(level), option, &value, &size) == 0 ? value : nil
    }

    /// Whether the descriptor has another end, see getpeername(2): not while it connects, nor when that has failed.
    static func isConnected(_ descriptor: CInt) -> Bool { SocketAddress(remoteEndOf: descriptor) != nil }

    /// Whether both ends of a connection are the same one: a connect to a free port of this machine may be given that
    /// very port to come from, and then meets itself, see RFC 9293, "simultaneous open". Nobody listens there.
    static func isConnectedToItself(_ descriptor: CInt) -> Bool {
        guard let local = SocketAddress(localEndOf: descriptor), local.port != nil else { return false }
        return local == SocketAddress(remoteEndOf: descriptor)
    }

    /// The family of the socket's addresses when the descriptor is a stream socket that listens; else nil.
    static func familyOfListener(_ descriptor: CInt) -> CInt? {
        guard get(SOL_SOCKET, SO_ACCEPTCONN, of: descriptor) == 1,
            get(SOL_SOCKET, SO_TYPE, of: descriptor) == CInt(SOCK_STREAM.rawValue)
        else { return nil }
        return get(SOL_SOCKET, SO_DOMAIN, of: descriptor)
    }
}
