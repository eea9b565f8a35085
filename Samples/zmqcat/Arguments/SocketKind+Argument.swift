import ArgumentParser

extension SocketKind: ExpressibleByArgument {
    init?(argument: String) {
        guard let kind = Self.all.first(where: { $0.name == argument }) else { return nil }
        self = kind
    }

    static var allValueStrings: [String] { all.map(\.name) }

    /// The names of the types that satisfy a condition, for help.
    static func names(where condition: (SocketKind) -> Bool) -> String {
        all.filter(condition).map(\.name).joined(separator: ", ")
    }
}
