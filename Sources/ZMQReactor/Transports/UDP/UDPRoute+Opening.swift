import CSockets
import Glibc

extension UDPRoute {
    /// The receive buffer that is asked for, so that a burst finds room; the system may grant less.
    private static let receiveBuffer = 4 << 20

    /// Opens a descriptor that is connected or bound.
    ///
    /// - Throws: `noSuchDevice` for an interface that does not exist, `addressInUse`, or the system's reason.
    func open() throws(ZMQError) -> DatagramDescriptor {
        let target = if let remote { remote } else { try localAddress() }
        let type = CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(target.family, type, 0)
        guard descriptor >= 0 else { throw .system(errno, doing: "open a socket", endpoint: "\(endpoint)") }
        do throws(ZMQError) {
            try applyOptions(to: descriptor, target.family)
            if use != .receivesFromGroups { try prepareSending(descriptor, target) }
            if use == .sendsToGroups {
                try check(target.withPointer { connect(descriptor, $0, $1) }, "connect")
            } else {
                try bind(descriptor, to: target)
            }
        } catch {
            close(descriptor)
            throw error
        }
        return DatagramDescriptor(descriptor: descriptor, isIPv6: target.family == AF_INET6)
    }

    /// The address to bind to.
    private func localAddress() throws(ZMQError) -> SocketAddress {
        let target = located
        let transport = TCPTransport(address: TCPEndpoint(target: target), as: endpoint)
        return try transport.localAddresses(of: target, options.options)[0]
    }

    private func check(_ result: CInt, _ doing: String) throws(ZMQError) {
        guard result == 0 else { throw .system(errno, doing: doing, endpoint: "\(endpoint)") }
    }

    private func applyOptions(to descriptor: CInt, _ family: CInt) throws(ZMQError) {
        let options = options.options
        if let device = options.bindToDevice {
            try check(
                setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, device, socklen_t(device.utf8.count)),
                "bind to the device \(device)"
            )
        }
        if let size = options.sendBuffer { StreamDescriptor.set(SOL_SOCKET, SO_SNDBUF, size, on: descriptor) }
        if let size = options.receiveBuffer {
            StreamDescriptor.set(SOL_SOCKET, SO_RCVBUF, size, on: descriptor)
        } else if use != .sendsToGroups,
            !StreamDescriptor.set(SOL_SOCKET, SO_RCVBUFFORCE, Self.receiveBuffer, on: descriptor)
        {
            // Only with the capability CAP_NET_ADMIN the system's own limit does not matter.
            StreamDescriptor.set(SOL_SOCKET, SO_RCVBUF, Self.receiveBuffer, on: descriptor)
        }
        guard let tos = options.typeOfService else { return }
        if family == AF_INET6 { StreamDescriptor.set(IPPROTO_IPV6, IPV6_TCLASS, tos, on: descriptor) }
        if family == AF_INET || options.usesIPv6 { StreamDescriptor.set(IPPROTO_IP, IP_TOS, tos, on: descriptor) }
    }

    /// Sets what holds for the datagrams of a sender. They may be for all hosts of a network.
    private func prepareSending(_ descriptor: CInt, _ target: SocketAddress) throws(ZMQError) {
        StreamDescriptor.set(SOL_SOCKET, SO_BROADCAST, 1, on: descriptor)
        let (hops, loops) = (CInt(options.options.multicastHops), CInt(options.options.multicastLoop ? 1 : 0))
        try check(csockets_multicast_reach(descriptor, target.family, hops, loops), "set the hops of multicast")
        guard case let index = try interfaceIndex(), index > 0 else { return }
        try check(csockets_multicast_leaves_by(descriptor, target.family, index), "choose the interface")
    }

    private func bind(_ descriptor: CInt, to local: SocketAddress) throws(ZMQError) {
        let isGroup = address.target.host.isGroup
        if isGroup {
            // Others on this host may receive from the group as well.
            StreamDescriptor.set(SOL_SOCKET, SO_REUSEADDR, 1, on: descriptor)
            StreamDescriptor.set(SOL_SOCKET, SO_REUSEPORT, 1, on: descriptor)
        }
        if local.family == AF_INET6 {
            let takesIPv4 = address.target.host == .any || local.isIPv4Mapped
            StreamDescriptor.set(IPPROTO_IPV6, IPV6_V6ONLY, takesIPv4 ? 0 : 1, on: descriptor)
        }
        _ = csockets_report_losses(descriptor)
        // Without it, they come one by one.
        if mergesReceived { _ = csockets_receive_merged(descriptor) }
        // Bound to the group, it gets no datagram that is for others.
        try check(local.withPointer { Glibc.bind(descriptor, $0, $1) }, "bind")
        guard isGroup else { return }
        let index = try interfaceIndex()
        try check(local.withPointer { csockets_join(descriptor, $0, $1, index) }, "join the group")
    }

    /// The number of the interface; 0 for the one that routes lead to.
    func interfaceIndex() throws(ZMQError) -> UInt32 {
        guard let name = address.interface else { return 0 }
        let index = if_nametoindex(name)
        if index > 0 { return index }
        if let index = Self.interface(withAddress: name) { return index }
        let reason = "no network interface is called \(name.quoted) or has it as its address"
        throw ZMQError(.noSuchDevice, reason, endpoint: "\(endpoint)")
    }

    private static func interface(withAddress text: String) -> UInt32? {
        let host = text.hasPrefix("[") && text.hasSuffix("]") ? text : IPv6Address(text) == nil ? text : "[\(text)]"
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var next = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let address = entry.pointee.ifa_addr else { continue }
            let size: Int
            switch CInt(address.pointee.sa_family) {
            case AF_INET: size = MemoryLayout<sockaddr_in>.size
            case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
            default: continue
            }
            guard let found = SocketAddress(address, length: socklen_t(size)).host,
                found == host || found.prefix(while: { $0 != "%" }) + "]" == host
            else { continue }
            return if_nametoindex(entry.pointee.ifa_name)
        }
        return nil
    }
}
