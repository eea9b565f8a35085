public import ArgumentParser
public import ZMQReactor

// Socket types, by their names on the command line.
extension SocketType: ExpressibleByArgument {
    /// The name in lower case.
    var argument: String { rawValue.lowercased() }

    public init?(argument: String) {
        guard let type = Self.built.first(where: { $0.argument == argument }) else { return nil }
        self = type
    }

    public static var allValueStrings: [String] { built.map(\.argument) }

    /// The names of the types that have a trait, for help.
    static func arguments(with trait: SocketTraits) -> String {
        built.filter { $0.traits.contains(trait) }.map(\.argument).joined(separator: ", ")
    }
}
