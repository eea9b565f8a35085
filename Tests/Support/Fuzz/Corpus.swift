/// The stored inputs: initial sessions, and all inputs that have made a target fail.
///
/// A file for each target, and a line for each input: `what it is: bytes as hexadecimal digits`.
public enum Corpus {
    /// An input.
    public struct Entry: Sendable, CustomStringConvertible {
        public let description: String
        public let bytes: [UInt8]
    }

    /// The inputs of the target `name`.
    public static func entries(of name: String) throws -> [Entry] {
        let path = Project.file("Tests/Corpus/\(name).txt")
        return try readFile(path).split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let bytes = bytes(ofHexadecimal: parts[1]) else {
                throw TestFailure("\(path) has a line that is not 'name: digits': \(line)")
            }
            return Entry(description: String(parts[0]), bytes: bytes)
        }
    }

    private static func bytes(ofHexadecimal digits: Substring) -> [UInt8]? {
        let values = digits.compactMap(\.hexDigitValue)
        guard values.count == digits.count, values.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}
