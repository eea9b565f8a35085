import ZMQReactor

/// A socket option: its name, and how to set it.
struct SocketSetting {
    /// The effect of an option's value.
    enum Effect {
        /// Changes the options with which a socket is created.
        case options((inout SocketOptions) -> Void)
        /// Changes an existing socket, and returns whether its type has this option.
        case socket((Socket) throws(ZMQError) -> Bool)
        /// Changes how connections are secured.
        case security((inout SecuritySettings) -> Void)
    }

    /// Its name on the command line.
    let name: String

    /// Its name in the library's errors.
    let property: String

    /// Whether no message may contain a value.
    let isSecret: Bool

    /// Parses a value.
    let parse: (String) throws(Complaint) -> Effect

    private init(
        _ name: String,
        is property: String? = nil,
        isSecret: Bool = false,
        parse: @escaping (String) throws(Complaint) -> Effect
    ) {
        self.name = name
        self.isSecret = isSecret
        self.property = property ?? Self.camelCase(name)
        self.parse = parse
    }

    private static func camelCase(_ name: String) -> String {
        let words = name.split(separator: "-")
        return words[0] + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}

// MARK: Options of all sockets

extension SocketSetting {
    static func number(
        _ name: String,
        _ path: WritableKeyPath<SocketOptions, Int>,
        is property: String? = nil
    ) -> SocketSetting {
        SocketSetting(name, is: property) { text throws(Complaint) in
            guard let value = Int(text) else { throw Complaint("expected a number") }
            return .options { $0[keyPath: path] = value }
        }
    }

    static func flag(
        _ name: String,
        _ path: WritableKeyPath<SocketOptions, Bool>,
        is property: String? = nil
    ) -> SocketSetting {
        SocketSetting(name, is: property) { text throws(Complaint) in
            let value = try flag(text)
            return .options { $0[keyPath: path] = value }
        }
    }

    static func time(
        _ name: String,
        _ path: WritableKeyPath<SocketOptions, Duration>,
        is property: String? = nil
    ) -> SocketSetting {
        SocketSetting(name, is: property) { text throws(Complaint) in
            let value = try time(text)
            return .options { $0[keyPath: path] = value }
        }
    }

    static func optionalNumber(_ name: String, _ path: WritableKeyPath<SocketOptions, Int?>) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            let value = Int(text)
            guard value != nil || text == "none" else { throw Complaint("expected a number or none") }
            return .options { $0[keyPath: path] = value }
        }
    }

    static func optionalFlag(_ name: String, _ path: WritableKeyPath<SocketOptions, Bool?>) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            let value = try flag(text)
            return .options { $0[keyPath: path] = value }
        }
    }

    static func text(_ name: String, _ path: WritableKeyPath<SocketOptions, String?>) -> SocketSetting {
        SocketSetting(name) { text in .options { $0[keyPath: path] = text } }
    }

    /// One of some values, by name.
    static func named<Value>(
        _ name: String,
        _ path: WritableKeyPath<SocketOptions, Value>,
        _ values: [(name: String, value: Value)]
    ) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            guard let value = values.first(where: { $0.name == text })?.value else {
                throw Complaint("expected one of \(values.map(\.name).joined(separator: ", "))")
            }
            return .options { $0[keyPath: path] = value }
        }
    }

    /// Values with commas between them.
    static func list(_ name: String, _ path: WritableKeyPath<SocketOptions, Set<String>?>) -> SocketSetting {
        SocketSetting(name) { text in
            let values = Set(text.split(separator: ",").map(String.init))
            return .options { $0[keyPath: path] = values }
        }
    }

    static func password(_ name: String, _ path: WritableKeyPath<SocketOptions, Password?>) -> SocketSetting {
        SocketSetting(name, isSecret: true) { text in .options { $0[keyPath: path] = Password(text) } }
    }

    static func optionalTime(_ name: String, _ path: WritableKeyPath<SocketOptions, Duration?>) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            let value = try time(text)
            return .options { $0[keyPath: path] = value }
        }
    }
}

// MARK: Options of some socket types

extension SocketSetting {
    /// Sets a flag of a socket, if its type has it.
    typealias FlagSetter = (Socket, Bool) -> Bool

    static func of<S: Socket>(_ path: ReferenceWritableKeyPath<S, Bool>) -> FlagSetter {
        { socket, value in
            guard let socket = socket as? S else { return false }
            socket[keyPath: path] = value
            return true
        }
    }

    static func flag(_ name: String, _ setters: [FlagSetter]) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            let value = try flag(text)
            return .socket { socket in setters.contains { $0(socket, value) } }
        }
    }

    static func bytes<S>(
        _ name: String,
        is property: String? = nil,
        of type: S.Type,
        _ set: @escaping (S, [UInt8]) throws(ZMQError) -> Void
    ) -> SocketSetting {
        SocketSetting(name, is: property) { text throws(Complaint) in
            let value = try bytes(text)
            return .socket { socket throws(ZMQError) in
                guard let socket = socket as? S else { return false }
                try set(socket, value)
                return true
            }
        }
    }

}

// MARK: Security

extension SocketSetting {
    static func security<Value>(
        _ name: String,
        _ path: WritableKeyPath<SecuritySettings, Value?>,
        is property: String? = nil,
        isSecret: Bool = false,
        _ parse: @escaping (String) throws(Complaint) -> Value
    ) -> SocketSetting {
        SocketSetting(name, is: property, isSecret: isSecret) { text throws(Complaint) in
            let value = try parse(text)
            return .security { $0[keyPath: path] = value }
        }
    }

    /// One more peer that may connect.
    static func allow(_ name: String) -> SocketSetting {
        SocketSetting(name, isSecret: true) { text in .security { $0.allowed.append(text) } }
    }
}

// MARK: Values

extension SocketSetting {
    private static func flag(_ text: String) throws(Complaint) -> Bool {
        switch text {
        case "true", "1": true
        case "false", "0": false
        default: throw Complaint("expected true or false")
        }
    }

    private static func time(_ text: String) throws(Complaint) -> Duration {
        guard let time = Time(text) else { throw Complaint("expected a time, such as 250ms, 2s or 1000") }
        return time.duration
    }

    /// Text, or hexadecimal after `0x`.
    private static func bytes(_ text: String) throws(Complaint) -> [UInt8] {
        guard text.hasPrefix("0x") else { return Array(text.utf8) }
        guard let bytes = HexLines.bytes(Array(text.utf8.dropFirst(2))[...]) else {
            throw Complaint("expected pairs of hexadecimal digits after 0x")
        }
        return bytes
    }
}
