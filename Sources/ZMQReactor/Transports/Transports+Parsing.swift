extension Transports {
    /// Splits `scheme://address`, with what is wrong for every transport already refused.
    static func split(_ string: String) throws(ZMQError) -> (scheme: Substring, address: Substring) {
        let bytes = string.utf8
        if bytes.contains(0) {
            throw .badEndpoint(string, "an endpoint cannot contain a NUL byte")
        }
        guard let separator = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[separator...].starts(with: "://".utf8)
        else {
            throw .badEndpoint(string, "the scheme is missing; an endpoint looks like \(example)")
        }
        let scheme = string[..<separator]
        guard !scheme.isEmpty, scheme.utf8.allSatisfy(\.isSchemeCharacter) else {
            let text = String(scheme).quoted
            throw .badEndpoint(string, "\(text) is not a scheme; an endpoint looks like \(example)")
        }
        let address = Substring(bytes[separator...].dropFirst(3))
        if address.isEmpty {
            throw .badEndpoint(string, "the address after \(scheme):// is missing")
        }
        return (scheme, address)
    }
}

extension UInt8 {
    /// Whether this is one of the ASCII digits.
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// Whether this is an ASCII letter.
    var isLetter: Bool {
        let lower = self | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }

    /// Whether this may be part of a URI scheme.
    fileprivate var isSchemeCharacter: Bool {
        isLetter || isDigit || self == UInt8(ascii: "+") || self == UInt8(ascii: "-") || self == UInt8(ascii: ".")
    }
}
