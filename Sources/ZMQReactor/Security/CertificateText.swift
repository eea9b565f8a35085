import ZMTP

// The text of a certificate file: ZPL (RFC 4), as zconfig of czmq reads it.
//
//   * A line is a comment with `#`, or an entry: a name, and `=` with a value or not. Its level is its number of
//     spaces, of which there are four for each level; it belongs to the last entry one level up.
//   * A value is in double or single quotes, and ends with the quote; or it ends with the line or before a `#`.
//   * The key is `public-key` in `curve`; `secret-key` is beside it. The values in `metadata` are texts.
//   * Other entries mean nothing. With one error, the whole text is no certificate.
//
// Unlike zconfig, an entry of these two sections that stands twice is an error, and so is text that is not UTF-8.

/// The content of a certificate file.
struct CertificateText: Sendable {
    let publicKey: CurvePublicKey
    let secretKey: CurveSecretKey?
    let metadata: [String: String]

    /// Why a text is no certificate. It contains nothing of the text, which may be secret.
    struct Failure: Error, Equatable { let message: String }

    /// The most bytes of a line, with which zconfig copes.
    private static let lineLimit = 1024

    init(_ text: String) throws(Failure) {
        var entries: [String: [String: String]] = ["metadata": [:], "curve": [:]]
        // The names of the last entries, one for each level.
        var path: [Substring] = []
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (number, line) in lines.enumerated() {
            func failure(_ message: String) -> Failure { Failure(message: "line \(number + 1) \(message)") }
            let entry: Entry?
            do throws(Failure) { entry = try Entry(line) } catch { throw failure(error.message) }
            guard let entry else { continue }
            guard entry.level <= path.count else { throw failure("is indented by more than one level") }
            path = path.prefix(entry.level) + [entry.name]
            guard path.count == 2, entries[String(path[0])] != nil else { continue }
            let former = entries[String(path[0])]?.updateValue(String(entry.value), forKey: String(entry.name))
            guard former == nil else { throw failure("has a name that stood before") }
        }
        let keys = entries["curve"]!
        guard let text = keys["public-key"] else { throw Failure(message: "it has no public key") }
        guard let publicKey = try? CurvePublicKey(z85: text) else {
            throw Failure(message: "its public key is not 40 characters of Z85")
        }
        let secretKey = try? keys["secret-key"].map { try CurveSecretKey(z85: $0) }
        if keys["secret-key"] != nil, secretKey == nil {
            throw Failure(message: "its secret key is not 40 characters of Z85")
        }
        (self.publicKey, self.secretKey, metadata) = (publicKey, secretKey, entries["metadata"]!)
    }

    // MARK: Writing

    static func publicText(_ certificate: CurveCertificate) -> String {
        text(
            certificate,
            """
            #   ZeroMQ CURVE Public Certificate
            #   Exchange it securely, or verify its content after the exchange.
            """
        )
    }

    static func secretText(_ certificate: CurveCertificate, _ key: CurveSecretKey) -> String {
        text(
            certificate,
            """
            #   ZeroMQ CURVE **Secret** Certificate
            #   Do not give this file to anyone, and do not change its permissions.
            """
        ) + "    secret-key = \"\(key.exportedZ85())\"\n"
    }

    private static func text(_ certificate: CurveCertificate, _ comment: String) -> String {
        let metadata = certificate.metadata.sorted { $0.key < $1.key }.map { line($0, $1) }
        return comment + "\n\nmetadata\n" + metadata.joined() + "curve\n"
            + line("public-key", certificate.publicKey.z85)
    }

    private static func line(_ name: String, _ value: String) -> String {
        let quote = value.contains("\"") ? "'" : "\""
        return "    \(name) = \(quote)\(value)\(quote)\n"
    }

    /// Checks that a file can hold this.
    static func check(_ name: String, _ value: String) throws(ZMQError) {
        let expected = "letters, digits and -_.+@$&/, the last not at its ends"
        guard Entry.isLegal(name: Substring(name)), !name.isEmpty else {
            throw .badOption("metadata name", value: name.quoted, expected: expected)
        }
        guard !value.unicodeScalars.contains(where: \.isControl), !value.contains("\"") || !value.contains("'") else {
            throw .badOption(
                "metadata \(name)",
                value: value.quoted,
                expected: "without control characters, and without one of the quotes"
            )
        }
        let count = line(name, value).utf8.count
        guard count <= lineLimit else {
            throw .badOption("metadata \(name)", value: "\(count) bytes", expected: "a line of \(lineLimit) bytes")
        }
    }
}

/// A line that is neither empty nor a comment.
private struct Entry {
    let level: Int
    let name: Substring
    let value: Substring

    /// nil for a line without an entry.
    init?(_ line: Substring) throws(CertificateText.Failure) {
        let trimmed = line.prefix(upTo: line.lastIndex { !$0.isSpace }.map(line.index(after:)) ?? line.startIndex)
        let indented = trimmed.drop { $0 == " " }
        guard let first = indented.first, first != "#" else { return nil }
        let spaces = trimmed.utf8.count - indented.utf8.count
        guard spaces.isMultiple(of: 4) else { throw Self.failure("is not indented by 4 spaces for each level") }
        level = spaces / 4
        name = indented.prefix { Self.isLegal($0) }
        guard !name.isEmpty, Self.isLegal(name: name) else { throw Self.failure("has no name") }
        value = try Self.value(indented[name.endIndex...].drop(while: \.isSpace))
        guard !value.unicodeScalars.contains(where: \.isControl) else {
            throw Self.failure("has a control character")
        }
    }

    private static func failure(_ message: String) -> CertificateText.Failure { .init(message: message) }

    /// The value of what follows a name.
    private static func value(_ rest: Substring) throws(CertificateText.Failure) -> Substring {
        guard let sign = rest.first, sign != "#" else { return "" }
        guard sign == "=" else { throw failure("has something other than = after its name") }
        let text = rest.dropFirst().drop(while: \.isSpace)
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            let value = text.prefix { $0 != "#" }
            return value.prefix(upTo: value.lastIndex { !$0.isSpace }.map(value.index(after:)) ?? value.startIndex)
        }
        guard let end = text.dropFirst().firstIndex(of: quote) else { throw failure("has a quote without end") }
        let after = text[text.index(after: end)...].drop(while: \.isSpace)
        guard after.isEmpty || after.first == "#" else { throw failure("goes on after its value") }
        return text[text.index(after: text.startIndex)..<end]
    }

    static func isLegal(name: Substring) -> Bool { name.allSatisfy(isLegal) && name.first != "/" && name.last != "/" }

    private static func isLegal(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "$-_@.&+/".contains(character))
    }
}

extension Character {
    fileprivate var isSpace: Bool { self == " " || self == "\t" || self == "\r" }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { value < 0x20 || (0x7F..<0xA0).contains(value) }
}
