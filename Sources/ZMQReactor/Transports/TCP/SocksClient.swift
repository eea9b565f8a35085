import ZMTP

// Asking a SOCKS5 proxy for a connection (RFC 1928). Bytes in, bytes out; no descriptor.
//
//     start -- methods --> method -- request --> reply --> address --> done
//                            | user, password   ^
//                            +--> permission ---+
//
// Only as many bytes as a step needs may be read: what stands behind the reply is the peer's.

/// The client's side of SOCKS5, with user and password (RFC 1929) for a proxy that asks for them.
struct SocksClient: Prelude {
    private enum State { case method, permission, reply, address, over }
    private var state = State.method
    private let target: TCPAddress

    private let credentials: Credentials?

    struct Credentials {
        let user: String
        let password: Password
    }

    init(target: TCPAddress, credentials: Credentials? = nil) {
        (self.target, self.credentials) = (target, credentials)
    }

    /// Begins: the methods offered are none and, when we have a name, that.
    func start() -> PreludeStep { .send(credentials == nil ? [5, 1, 0] : [5, 2, 0, 2], thenRead: 2) }

    /// Takes the bytes that the last step asked for.
    mutating func receive(_ bytes: [UInt8]) -> PreludeStep {
        switch state {
        case .method:
            guard bytes[0] == 5 else { return fail("the proxy does not speak SOCKS5") }
            if bytes[1] == 2, let credentials {
                state = .permission
                return .send(Self.subnegotiation(credentials), thenRead: 2)
            }
            guard bytes[1] == 0 else {
                let isKnown = credentials != nil
                return fail(
                    isKnown ? "the proxy takes no user and password" : "the proxy wants us to authenticate ourselves"
                )
            }
            return ask()
        case .permission:
            guard bytes[1] == 0 else { return fail("the proxy does not accept the user and password") }
            return ask()
        case .reply:
            guard bytes[0] == 5 else { return fail("the proxy does not speak SOCKS5") }
            guard bytes[1] == 0 else { return fail("the proxy says: \(Self.explain(bytes[1]))") }
            state = .address
            switch bytes[3] {
            case 1: return .read(3 + 2)
            case 3: return .read(Int(bytes[4]) + 2)
            case 4: return .read(15 + 2)
            default: return fail("the proxy names an address of an unknown kind")
            }
        case .address:
            state = .over
            return .done
        case .over: return fail("the proxy goes on behind its answer")
        }
    }

    private mutating func ask() -> PreludeStep {
        state = .reply
        // Version, reply, reserved, kind of address, and the address's first byte, which may be its length.
        return .send(request, thenRead: 5)
    }

    private static func subnegotiation(_ credentials: Credentials) -> [UInt8] {
        let (user, password) = (Array(credentials.user.utf8), credentials.password)
        return [1, UInt8(user.count)] + user + [UInt8(password.count)] + password.withUnsafeBytes { Array($0) }
    }

    private mutating func fail(_ reason: String) -> PreludeStep {
        state = .over
        return .failed(reason)
    }

    /// CONNECT to the target. Names are the proxy's to look up.
    private var request: [UInt8] {
        var bytes: [UInt8] = [5, 1, 0]
        switch target.host {
        case .ipv4(let address):
            bytes.append(1)
            withUnsafeBytes(of: address.bits.bigEndian) { bytes += $0 }
        case .ipv6(let address, _):
            bytes.append(4)
            withUnsafeBytes(of: address.high.bigEndian) { bytes += $0 }
            withUnsafeBytes(of: address.low.bigEndian) { bytes += $0 }
        case .name(let name):
            bytes += [3, UInt8(name.utf8.count)]
            bytes += Array(name.utf8)
        case .any: preconditionFailure("The wildcard is nothing to connect to")
        }
        withUnsafeBytes(of: target.port.bigEndian) { bytes += $0 }
        return bytes
    }

    private static func explain(_ reply: UInt8) -> String {
        switch reply {
        case 1: "general failure"
        case 2: "not allowed by its rules"
        case 3: "the network is unreachable"
        case 4: "the host is unreachable"
        case 5: "connection refused"
        case 6: "time to live expired"
        case 7: "it knows no CONNECT"
        case 8: "it knows no such kind of address"
        default: "error \(reply)"
        }
    }
}
