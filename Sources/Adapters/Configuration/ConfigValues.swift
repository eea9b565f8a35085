#if Configuration
    import Configuration
    import ZMQReactor

    /// Reads values from a `ConfigReader`, whose own calls cannot tell a value of the wrong type from none.
    struct ConfigValues {
        let config: ConfigReader
        /// What is in front of the keys in errors: the scope of `config` within that of the caller.
        var scope = ""

        /// A key as the caller knows it.
        func name(_ key: String) -> String { scope + key }

        /// The value as text, whatever its type is; nil if there is none.
        private func text(_ key: String, isSecret: Bool) -> String? {
            let path = ConfigKey(key)
            if let text = config.string(forKey: path, isSecret: isSecret) { return text }
            if let number = config.int(forKey: path, isSecret: isSecret) { return "\(number)" }
            if let number = config.double(forKey: path, isSecret: isSecret) { return "\(number)" }
            if let flag = config.bool(forKey: path, isSecret: isSecret) { return "\(flag)" }
            if let list = config.stringArray(forKey: path, isSecret: isSecret) { return "\(list)" }
            if let list = config.intArray(forKey: path, isSecret: isSecret) { return "\(list)" }
            return nil
        }

        /// The value that `read` finds, or that `parse` makes of a text; nil if there is none.
        func value<Value>(
            _ key: String,
            _ expected: String,
            isSecret: Bool = false,
            read: (ConfigKey) -> Value?,
            parse: (String) throws -> Value? = { _ in nil }
        ) throws(ZMQError) -> Value? {
            if let value = read(ConfigKey(key)) { return value }
            guard let text = text(key, isSecret: isSecret) else { return nil }
            // What a parser throws about a secret may repeat it.
            if let value = try? parse(text) { return value }
            throw .badKey(name(key), isSecret ? "a secret" : text, expected)
        }

        func number(_ key: String) throws(ZMQError) -> Int? {
            try value(key, "an integer", read: { config.int(forKey: $0) })
        }

        func flag(_ key: String) throws(ZMQError) -> Bool? {
            try value(key, "true or false", read: { config.bool(forKey: $0) })
        }

        func string(_ key: String, isSecret: Bool = false) throws(ZMQError) -> String? {
            try value(key, "a text", isSecret: isSecret, read: { config.string(forKey: $0, isSecret: isSecret) })
        }

        /// A list of texts, or one text.
        func strings(_ key: String) throws(ZMQError) -> [String]? {
            try value(
                key,
                "texts",
                read: { config.stringArray(forKey: $0) ?? config.string(forKey: $0).map { [$0] } }
            )
        }

        /// One of several names.
        func choice<Value>(_ key: String, _ choices: [(name: String, value: Value)]) throws(ZMQError) -> Value? {
            let names = choices.map(\.name).joined(separator: ", ")
            return try value(key, "one of \(names)", read: { _ in nil }) { text in
                choices.first { $0.name == text }?.value
            }
        }

        /// A number of seconds, or a text such as `500ms`.
        func time(_ key: String) throws(ZMQError) -> Duration? {
            try value(key, Self.timeForm, read: { _ in nil }, parse: Self.time)
        }

        static let timeForm = "seconds, or a number with ns, us, ms, s, min or h"

        static func time(_ text: String) -> Duration? {
            let units: [(suffix: String, nanoseconds: Double)] = [
                ("ns", 1), ("us", 1e3), ("ms", 1e6), ("min", 60e9), ("h", 3600e9), ("s", 1e9), ("", 1e9),
            ]
            for unit in units where text.hasSuffix(unit.suffix) || unit.suffix.isEmpty {
                guard let number = Double(text.dropLast(unit.suffix.count)) else { continue }
                let nanoseconds = number * unit.nanoseconds
                guard nanoseconds >= 0, nanoseconds < 9e18 else { return nil }
                return .nanoseconds(Int64(nanoseconds.rounded()))
            }
            return nil
        }

        /// As `read`, where `none` stands for no value.
        func optional<Value>(
            _ key: String,
            _ read: (String) throws(ZMQError) -> Value?
        ) throws(ZMQError) -> Value?? {
            if config.string(forKey: ConfigKey(key)) == "none" { return .some(nil) }
            return try read(key).map { .some($0) }
        }
    }

    extension ZMQError {
        /// A configuration key has a value that it cannot have.
        static func badKey(_ key: String, _ value: String, _ expected: String) -> ZMQError {
            ZMQError(.invalidArgument, "the value of the key '\(key)' is \(value); expected \(expected)", option: key)
        }

        /// A limit that the framework has found exceeded, with the key.
        static func badKey(_ key: String, because error: any Error) -> ZMQError {
            let reason = (error as? ZMQError)?.message ?? "\(error)"
            return ZMQError(.invalidArgument, "the value of the key '\(key)': \(reason)", option: key)
        }
    }
#endif
