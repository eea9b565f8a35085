// The head of an HTTP/1.1 request or response (RFC 9112): a line, header fields, and an empty line.
//
//   Lines end with CR and LF, and with nothing else. A field has no white space before its colon, and does not continue
//   on the next line. Names are compared case-insensitively. A control character anywhere is an error at once, so that
//   a peer that speaks another protocol is not waited for.

/// The head of a request or response.
package struct HTTPHead: Sendable {
    /// Why bytes are not a head.
    package enum Fault: Error, Equatable {
        case malformed(String)
        case tooLarge(limit: Int)
    }

    /// The first line, in its parts between single spaces; the last part may have spaces.
    package let start: [String]
    private let fields: [(name: String, value: String)]

    /// Parses a whole head, with its empty line.
    package init(_ bytes: [UInt8]) throws(Fault) {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines: [Substring] = []
        var rest = text.utf8[...]
        while let end = rest.firstIndex(of: 0x0D) {
            guard !rest[..<end].contains(0x0A) else { throw .malformed("a line ends with LF alone") }
            lines.append(Substring(rest[..<end]))
            let feed = rest.index(after: end)
            guard feed < rest.endIndex, rest[feed] == 0x0A else { throw .malformed("a line ends with CR alone") }
            rest = rest[rest.index(after: feed)...]
        }
        guard let first = lines.first, !first.isEmpty else { throw .malformed("the first line is empty") }
        start = first.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        var fields: [(name: String, value: String)] = []
        for line in lines.dropFirst() where !line.isEmpty { fields.append(try Self.field(line)) }
        self.fields = fields
    }

    private static func field(_ line: Substring) throws(Fault) -> (name: String, value: String) {
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            throw .malformed("a header line has no colon")
        }
        let name = line[..<colon]
        guard !name.isEmpty, name.utf8.allSatisfy(isToken) else { throw .malformed("a header has no legal name") }
        return (name.lowercased(), trimmed(line[line.utf8.index(after: colon)...]))
    }

    /// RFC 9110, "Tokens".
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    fileprivate static func trimmed(_ text: Substring) -> String {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = text.utf8.drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(Substring(start[...last]))
    }

    /// The value of a field that occurs once; nil when there is none, or more than one.
    package subscript(name: String) -> String? {
        let values = fields.filter { $0.name == name }
        return values.count == 1 ? values[0].value : nil
    }

    package var fieldCount: Int { fields.count }

    package func has(_ name: String) -> Bool { fields.contains { $0.name == name } }

    /// The members of a list, which may be spread over several fields.
    func list(_ name: String) -> [String] {
        fields.filter { $0.name == name }.flatMap { $0.value.split(separator: ",").map(Self.trimmed) }
            .filter { !$0.isEmpty }
    }

    /// Whether the list has the member, in any case.
    func list(_ name: String, contains member: String) -> Bool { list(name).contains { $0.lowercased() == member } }
}

/// Collects a head without a byte of what follows it.
package struct HTTPHeadReader: Sendable {
    private static let terminator: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]

    package private(set) var bytes: [UInt8] = []
    private let limit: Int

    /// - Parameter limit: the most bytes of a head.
    package init(limit: Int) { self.limit = limit }

    /// The bytes that are missing at least; 0 when the head is whole.
    package var missing: Int {
        for length in stride(from: min(4, bytes.count), to: 0, by: -1)
        where bytes.suffix(length).elementsEqual(Self.terminator.prefix(length)) {
            return 4 - length
        }
        return 4
    }

    /// How many of the bytes belong to the head.
    package func portion(of arrived: ArraySlice<UInt8>) -> Int {
        var matched = Self.terminator.count - missing
        guard matched < Self.terminator.count else { return 0 }
        for (index, byte) in arrived.enumerated() {
            matched = byte == Self.terminator[matched] ? matched + 1 : byte == 0x0D ? 1 : 0
            if matched == Self.terminator.count { return index + 1 }
        }
        return arrived.count
    }

    /// Takes bytes of the head.
    package mutating func add(_ more: [UInt8]) throws(HTTPHead.Fault) {
        let isLegal = more.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0D || $0 == 0x0A || $0 == 0x09 }
        guard isLegal, !bytes.isEmpty || (more.first ?? 0) < 0x80 else { throw .malformed("it is not HTTP") }
        bytes += more
        guard bytes.count < limit || missing == 0 && bytes.count == limit else { throw .tooLarge(limit: limit) }
    }
}
