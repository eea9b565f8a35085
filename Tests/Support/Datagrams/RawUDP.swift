import Glibc

/// One on this host that sends any datagrams to a port of it, and sees those that are sent to its own.
public final class RawUDP {
    public let descriptor: CInt
    /// Its port, at 127.0.0.1.
    public let port: Int

    public var endpoint: String { "udp://127.0.0.1:\(port)" }
    /// As a DGRAM calls it.
    public var address: String { "127.0.0.1:\(port)" }

    public init() throws {
        descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw TestFailure(call: "socket", errno: errno) }
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard code == 0 else {
            let number = errno
            close(descriptor)
            throw TestFailure(call: "bind", errno: number)
        }
    }

    deinit { close(descriptor) }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return address
    }

    /// Sends a datagram to a port of 127.0.0.1.
    public func send(_ datagram: [UInt8], to port: Int) {
        var address = Self.loopback(port: port)
        let size = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, datagram, datagram.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(size == datagram.count, "a datagram could not be sent")
    }

    /// Takes what has arrived since the last call, with the ports it comes from.
    public func take() -> [(bytes: [UInt8], port: Int)] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var found: [(bytes: [UInt8], port: Int)] = []
        var source = sockaddr_in()
        while true {
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &source) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
                }
            }
            guard count >= 0 else { return found }
            found.append((Array(buffer[..<count]), Int(UInt16(bigEndian: source.sin_port))))
        }
    }
}

/// The datagram of a message for a group, in libzmq's form.
public func groupDatagram(_ group: some Collection<UInt8>, _ body: some Collection<UInt8>) -> [UInt8] {
    [UInt8(group.count)] + group + body
}
