import Glibc
import Synchronization
import ZMQReactor

/// An address that can be connected to.
struct ProbeAddress: Sendable {
    /// For people: `127.0.0.1`, `::1`, or a path.
    let text: String
    let family: CInt
    /// The bytes of its sockaddr.
    let bytes: [UInt8]

    /// The address of an ipc endpoint.
    init(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        let isAbstract = name.first == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let size = MemoryLayout<sa_family_t>.size + name.count + (isAbstract ? 0 : 1)
        text = path
        family = AF_UNIX
        bytes = withUnsafeBytes(of: address) { Array($0.prefix(size)) }
    }

    private init?(_ info: addrinfo) {
        guard let address = info.ai_addr else { return nil }
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, info.ai_addrlen, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        family = info.ai_family
        bytes = Array(UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
    }

    /// The addresses of a host, or why there are none. It blocks, for as long as the resolver takes.
    static func lookUp(_ host: String, port: UInt16) -> Result<[ProbeAddress], Complaint> {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else { return .failure(Complaint(String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(list) }
        var addresses: [ProbeAddress] = []
        var next = list
        while let info = next?.pointee {
            if let address = ProbeAddress(info) { addresses.append(address) }
            next = info.ai_next
        }
        return .success(addresses)
    }
}

/// The first of several results, for a task that waits for it.
final class FirstResult<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Value, Never>?>

    init(_ continuation: CheckedContinuation<Value, Never>) { self.continuation = Mutex(continuation) }

    func end(_ value: Value) {
        let waiting = continuation.withLock { $0.take() }
        waiting?.resume(returning: value)
    }
}
