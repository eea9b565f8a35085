import ZMQReactor

/// The `--option` arguments of a command line, parsed.
struct SocketSettings {
    /// The options with which the socket is created.
    private(set) var options = SocketOptions()

    /// What the socket's context is made with.
    private(set) var context = ContextSettings()

    /// How the loop waits.
    private(set) var idleStrategy = IdleStrategy.adaptive

    /// The changes to make after the socket is created, before it is bound or connected.
    private var changes: [(setting: SocketSetting, text: String, change: (Socket) throws(ZMQError) -> Bool)] = []

    /// Parses `NAME=VALUE` arguments.
    init(_ arguments: [String], linger: Duration) throws(Complaint) {
        options.linger = .atMost(linger)
        var security = SecuritySettings()
        let all = SocketSetting.all
        for argument in arguments {
            // Only a name, or as much as can be one: the rest may be a secret.
            let before = argument.prefix { $0 != "=" }
            let isName = OptionSuggestions.isName(before)
            let legal = isName ? before : before.prefix { $0 == "-" || $0 == "." || ("a"..."z").contains($0) }
            guard let equals = argument.firstIndex(of: "=") else {
                throw Complaint("option \(legal): expected NAME=VALUE")
            }
            let name = argument[..<equals]
            guard let setting = all.first(where: { $0.name == name }) else {
                throw Complaint("option \(legal): unknown option\(OptionSuggestions.hint(for: name))")
            }
            do {
                switch try setting.parse(String(argument[argument.index(after: equals)...])) {
                case .options(let change): change(&options)
                case .socket(let change): changes.append((setting, argument, change))
                case .security(let change): change(&security)
                case .context(let change): change(&context)
                case .reactor(let change): change(&idleStrategy)
                }
            } catch { throw Complaint("option \(setting.isSecret ? setting.name : argument): \(error)") }
        }
        options.security = try security.security()
    }

    /// Changes a socket that was created with `options`.
    func apply(to socket: Socket) throws(Complaint) {
        for (setting, text, change) in changes {
            let isKnown: Bool
            do { isKnown = try change(socket) } catch { throw Complaint("option \(text): \(error.message)") }
            guard isKnown else { throw Complaint("option \(setting.name): not an option of a \(socket.type) socket") }
        }
    }

    /// The message of an error, with the option's name on the command line.
    static func complaint(_ error: ZMQError) -> Complaint {
        guard let setting = SocketSetting.all.first(where: { $0.property == error.option }) else {
            return Complaint("\(error)")
        }
        return Complaint("option \(setting.name): \(error.message)")
    }
}

/// What a context is made with; the number of I/O threads is an argument of its own.
struct ContextSettings {
    var sendBudget: Int? = 2 << 30
    var receiveBudget: Int? = 2 << 30
}
