import CSockets
import Glibc

extension MulticastGroup {
    private static let protocolNumber: CInt = 113

    /// The receive buffer that is asked for, so that a burst finds room; the system may grant less.
    private static let receiveBuffer = 4 << 20

    /// Expedited forwarding, see RFC 3246, which is what libzmq asks for.
    private static let typeOfService = 0x2E << 2

    /// Opens what the group needs.
    ///
    /// - Throws: `noSuchDevice` for an interface that does not exist, `permissionDenied` for pgm without the right to
    ///   it, or the system's reason.
    func open() throws(ZMQError) -> DatagramDescriptor {
        let (local, index) = try interface()
        let type = CInt((isRaw ? SOCK_RAW : SOCK_DGRAM).rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, isRaw ? Self.protocolNumber : 0)
        guard descriptor >= 0 else {
            guard isRaw, errno == EPERM || errno == EACCES else {
                throw .system(errno, doing: "open a socket", endpoint: "\(endpoint)")
            }
            let reason = "pgm needs the capability CAP_NET_RAW; epgm needs none"
            throw ZMQError(.permissionDenied, reason, endpoint: "\(endpoint)")
        }
        do throws(ZMQError) {
            try configure(descriptor, local, index)
        } catch {
            close(descriptor)
            throw error
        }
        return DatagramDescriptor(descriptor: descriptor, local: local)
    }

    private func configure(_ descriptor: CInt, _ local: IPv4Address, _ index: CInt) throws(ZMQError) {
        let options = options.options
        func check(_ result: CInt, _ doing: String) throws(ZMQError) {
            guard result == 0 else { throw .system(errno, doing: doing, endpoint: "\(endpoint)") }
        }
        // Beside others of any user, and beside OpenPGM, which sets the second of the two.
        StreamDescriptor.set(SOL_SOCKET, SO_REUSEADDR, 1, on: descriptor)
        StreamDescriptor.set(SOL_SOCKET, SO_REUSEPORT, 1, on: descriptor)
        if let size = options.sendBuffer { StreamDescriptor.set(SOL_SOCKET, SO_SNDBUF, size, on: descriptor) }
        if let size = options.receiveBuffer {
            StreamDescriptor.set(SOL_SOCKET, SO_RCVBUF, size, on: descriptor)
        } else if !isSender, !StreamDescriptor.set(SOL_SOCKET, SO_RCVBUFFORCE, Self.receiveBuffer, on: descriptor) {
            // Only with the capability CAP_NET_ADMIN the system's own limit does not matter.
            StreamDescriptor.set(SOL_SOCKET, SO_RCVBUF, Self.receiveBuffer, on: descriptor)
        }
        StreamDescriptor.set(IPPROTO_IP, IP_TOS, options.typeOfService ?? Self.typeOfService, on: descriptor)
        StreamDescriptor.set(IPPROTO_IP, IP_MULTICAST_TTL, options.multicastHops, on: descriptor)
        StreamDescriptor.set(IPPROTO_IP, IP_MULTICAST_LOOP, options.multicastLoop ? 1 : 0, on: descriptor)
        let groups = address.groups
        try check(csockets_multicast_interface(descriptor, local.bits, index), "choose the interface")
        // A sender is asked by its own address. A receiver that is bound to the group gets no packet for others.
        let bound = isSender ? local.bits : groups.count == 1 ? groups[0].bits : 0
        try check(csockets_bind(descriptor, bound, isRaw ? 0 : address.port), "bind")
        guard !isSender else { return }
        try check(csockets_report_destinations(descriptor), "receive the destinations of packets")
        for address in groups {
            try check(csockets_join_group(descriptor, address.bits, local.bits, index), "join the group \(address)")
        }
    }

    /// The address and the number of the interface.
    private func interface() throws(ZMQError) -> (IPv4Address, CInt) {
        guard let name = address.interface else {
            let local = csockets_local_address(address.groups[0].bits)
            guard local != 0 else {
                throw .system(errno, doing: "find an interface for the group", endpoint: "\(endpoint)")
            }
            return (IPv4Address(bits: local), 0)
        }
        let wanted = IPv4Address(name)
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else {
            throw .system(errno, doing: "list the interfaces", endpoint: "\(endpoint)")
        }
        defer { freeifaddrs(list) }
        var next = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let address = entry.pointee.ifa_addr, CInt(address.pointee.sa_family) == AF_INET else { continue }
            let bits = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
            }
            let itsName = String(cString: entry.pointee.ifa_name)
            guard wanted.map({ $0.bits == bits }) ?? (itsName == name) else { continue }
            return (IPv4Address(bits: bits), CInt(if_nametoindex(itsName)))
        }
        let reason = "no network interface is called \(name.quoted) or has it as its IPv4 address"
        throw ZMQError(.noSuchDevice, reason, endpoint: "\(endpoint)")
    }
}
