import ZMQReactor

// MARK: Options of the program's one context and reactor

extension SocketSetting {
    static func contextNumber(_ name: String, _ path: WritableKeyPath<ContextSettings, Int?>) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            let value = try optionalNumber(text)
            guard value ?? 1 > 0 else { throw Complaint("must be 1 or more, or none") }
            return .context { $0[keyPath: path] = value }
        }
    }

    static func idleStrategy(_ name: String) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            let strategy: IdleStrategy? =
                switch text {
                case "adaptive": .adaptive
                case "park": .park
                default: Time(text).map { .busyPoll($0.duration) }
                }
            guard let strategy else { throw Complaint("expected adaptive, park, or a time to poll for, such as 1ms") }
            return .reactor { $0 = strategy }
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

    /// A limit of what subscribers of a type may take.
    static func subscriptionLimit(
        _ name: String,
        _ path: WritableKeyPath<SubscriptionLimits, Int>
    ) -> SocketSetting {
        SocketSetting(name) { text throws(Complaint) in
            guard let value = Int(text), value > 0 else { throw Complaint("expected a number, 1 or more") }
            return .socket { socket in
                switch socket {
                case let socket as PublishingSocket: socket.subscriptionLimits[keyPath: path] = value
                case let socket as RadioSocket: socket.subscriptionLimits[keyPath: path] = value
                default: return false
                }
                return true
            }
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
