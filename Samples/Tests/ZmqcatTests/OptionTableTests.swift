import Testing
import ZMQReactor

@testable import zmqcat

@Suite struct OptionTableTests {
    /// The limits of a socket by the names of their properties.
    private func values(_ limits: SocketLimits) -> [String: String] {
        let children = Mirror(reflecting: limits).children
        return Dictionary(uniqueKeysWithValues: children.map { ($0.label ?? "", "\($0.value)") })
    }

    private func kebabCase(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : "\($1)" }
    }

    @Test("each limit is an option, which changes that limit and no other")
    func limits() throws {
        let defaults = values(SocketLimits())
        #expect(defaults.count >= 10)
        for (property, value) in defaults {
            let text = Bool(value) == nil ? "4711" : "\(value == "false")"
            let settings = try SocketSettings(["limits.\(kebabCase(property))=\(text)"], linger: .zero)
            let changed = values(settings.options.limits).filter { defaults[$0.key] != $0.value }
            #expect(Array(changed.keys) == [property])
        }
    }
}
