import ZMQReactor

/// The `--option` arguments of a command line, parsed.
struct SocketSettings {
    /// The options with which the socket is created.
    private(set) var options = SocketOptions()

    /// The changes to make after the socket is created, before it is bound or connected.
    private var changes: [(setting: SocketSetting, text: String, change: (Socket) throws(ZMQError) -> Bool)] = []

    /// Parses `NAME=VALUE` arguments.
    init(_ arguments: [String], linger: Duration) throws(Complaint) {
        options.linger = .atMost(linger)
        var security = SecuritySettings()
        let all = SocketSetting.all
        for argument in arguments {
            // Only as much as can be a name: the rest may be a secret.
            let legal = argument.prefix { $0 == "-" || $0 == "." || ("a"..."z").contains($0) }
            guard let equals = argument.firstIndex(of: "=") else {
                throw Complaint("option \(legal): expected NAME=VALUE")
            }
            let name = argument[..<equals]
            guard let setting = all.first(where: { $0.name == name }) else {
                throw Complaint("option \(legal): unknown option")
            }
            do {
                switch try setting.parse(String(argument[argument.index(after: equals)...])) {
                case .options(let change): change(&options)
                case .socket(let change): changes.append((setting, argument, change))
                case .security(let change): change(&security)
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
