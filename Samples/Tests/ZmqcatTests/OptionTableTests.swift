import Testing
import ZMQReactor

@testable import zmqcat

@Suite struct OptionTableTests {
    /// The limits of a socket by the names of their properties.
    private func limitValues(_ limits: SocketLimits) -> [String: String] {
        let children = Mirror(reflecting: limits).children
        return Dictionary(uniqueKeysWithValues: children.map { ($0.label ?? "", "\($0.value)") })
    }

    private func kebabCase(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : "\($1)" }
    }

    @Test("each limit is an option, which changes that limit and no other")
    func limits() throws {
        let defaults = limitValues(SocketLimits())
        #expect(defaults.count >= 10)
        for (property, value) in defaults {
            let text = Bool(value) == nil ? "4711" : "\(value == "false")"
            let settings = try SocketSettings(["limits.\(kebabCase(property))=\(text)"], linger: .zero)
            let changed = limitValues(settings.options.limits).filter { defaults[$0.key] != $0.value }
            #expect(Array(changed.keys) == [property])
        }
    }

    @Test("each option of a socket can be set by its name")
    func all() {
        var options = SocketOptions()
        // The rare ones are together in an object, which exists when one of them is set.
        options.socksUser = "x"
        var properties = Mirror(reflecting: options).children.compactMap(\.label).filter { $0 != "rare" }
        let rare = Mirror(reflecting: options).children.first { $0.label == "rare" }
        let object = Mirror(reflecting: rare!.value).children.first!.value
        let values = Mirror(reflecting: object).children.first!.value
        properties += Mirror(reflecting: values).children.compactMap(\.label)
        #expect(properties.count >= 40)
        // What has a test of its own, or an argument.
        let others: Set = ["limits", "security", "tls", "linger"]
        let known = Set(SocketSetting.all.map(\.property))
        for property in properties where !others.contains(property) { #expect(known.contains(property), "\(property)") }
        for tls in Mirror(reflecting: TLSSettings()).children.compactMap(\.label) {
            #expect(known.contains("tls.\(tls)"), "\(tls)")
        }
    }

    @Test("values of options that are sets, bits, modes or times")
    func values() throws {
        let options = try SocketSettings(
            [
                "affinity=0x3", "reconnect-stop=connection-refused,handshake-failed", "ipc-permissions=660",
                "ipc-allowed-users=0,1000", "ipc-allowed-groups=5", "ipc-allowed-processes=", "tcp-keepalive=none",
                "connect-timeout=none", "context.send-budget=none", "context.receive-budget=5", "idle-strategy=1ms",
            ],
            linger: .zero
        )
        #expect(options.options.affinity == 3)
        #expect(options.options.reconnectStop == [.connectionRefused, .handshakeFailed])
        #expect(options.options.ipcPermissions == 0o660)
        #expect(options.options.ipcAllowedUsers == [0, 1000])
        #expect(options.options.ipcAllowedGroups == [5])
        #expect(options.options.tcpKeepalive == nil)
        #expect(options.options.connectTimeout == nil)
        #expect(options.context.sendBudget == nil && options.context.receiveBudget == 5)
        #expect(options.idleStrategy == .busyPoll(.milliseconds(1)))
        for wrong in [
            "affinity=x", "reconnect-stop=never", "ipc-permissions=9", "ipc-allowed-users=root",
            "context.send-budget=0",
            "idle-strategy=fast", "subscription-limits.topics=0",
        ] {
            #expect(throws: Complaint.self) { try SocketSettings([wrong], linger: .zero) }
        }
    }
}
