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
        /// Changes the context of the socket.
        case context((inout ContextSettings) -> Void)
        /// Changes how the reactor waits.
        case reactor((inout IdleStrategy) -> Void)
    }

    /// Its name on the command line.
    let name: String

    /// Its name in the library's errors.
    let property: String

    /// Whether no message may contain a value.
    let isSecret: Bool

    /// Parses a value.
    let parse: (String) throws(Complaint) -> Effect

    init(
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
            let value = try optionalNumber(text)
            return .options { $0[keyPath: path] = value }
        }
    }

    static func optionalFlag(_ name: String, _ path: WritableKeyPath<SocketOptions, Bool?>) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            let value = text == "none" ? nil : try flag(text)
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

    /// Any of some values, by name, with commas between them.
    static func named<Value: SetAlgebra>(
        _ name: String,
        _ path: WritableKeyPath<SocketOptions, Value>,
        anyOf values: [(name: String, value: Value)]
    ) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            var set: Value = []
            for word in text.split(separator: ",") where word != "none" {
                guard let value = values.first(where: { $0.name == word })?.value else {
                    throw Complaint("expected none, or some of \(values.map(\.name).joined(separator: ", "))")
                }
                set.formUnion(value)
            }
            return .options { $0[keyPath: path] = set }
        }
    }

    /// Numbers with commas between them.
    static func numbers<Number: FixedWidthInteger>(
        _ name: String,
        _ path: WritableKeyPath<SocketOptions, Set<Number>>
    ) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            var numbers: Set<Number> = []
            for word in text.split(separator: ",") {
                guard let number = Number(word) else { throw Complaint("expected numbers, with commas between them") }
                numbers.insert(number)
            }
            return .options { $0[keyPath: path] = numbers }
        }
    }

    /// A mode of a file, as of chmod(1).
    static func mode(_ name: String, _ path: WritableKeyPath<SocketOptions, UInt32?>) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            let mode = UInt32(text, radix: 8)
            guard mode != nil || text == "none" else {
                throw Complaint("expected an octal number, such as 660, or none")
            }
            return .options { $0[keyPath: path] = mode }
        }
    }

    /// A set of bits: a number, or hexadecimal after `0x`.
    static func bits(_ name: String, _ path: WritableKeyPath<SocketOptions, UInt64>) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            let isHex = text.hasPrefix("0x")
            guard let value = UInt64(text.dropFirst(isHex ? 2 : 0), radix: isHex ? 16 : 10) else {
                throw Complaint("expected a number, or hexadecimal digits after 0x")
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

    static func optionalTime(
        _ name: String,
        _ path: WritableKeyPath<SocketOptions, Duration?>,
        is property: String? = nil
    ) -> SocketSetting {
        SocketSetting(name, is: property) { text throws(Complaint) in
            let value = text == "none" ? nil : try time(text)
            return .options { $0[keyPath: path] = value }
        }
    }
}

// MARK: Values

extension SocketSetting {
    static func flag(_ text: String) throws(Complaint) -> Bool {
        switch text {
        case "true", "1": true
        case "false", "0": false
        default: throw Complaint("expected true or false")
        }
    }

    static func optionalNumber(_ text: String) throws(Complaint) -> Int? {
        let value = Int(text)
        guard value != nil || text == "none" else { throw Complaint("expected a number or none") }
        return value
    }

    static func time(_ text: String) throws(Complaint) -> Duration {
        guard let time = Time(text) else { throw Complaint("expected a time, such as 250ms, 2s or 1000") }
        return time.duration
    }

    /// Text, or hexadecimal after `0x`.
    static func bytes(_ text: String) throws(Complaint) -> [UInt8] {
        guard text.hasPrefix("0x") else { return Array(text.utf8) }
        guard let bytes = HexLines.bytes(Array(text.utf8.dropFirst(2))[...]) else {
            throw Complaint("expected pairs of hexadecimal digits after 0x")
        }
        return bytes
    }
}
