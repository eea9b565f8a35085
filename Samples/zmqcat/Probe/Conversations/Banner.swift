/// The first words of a server that does not speak ZeroMQ's protocol.
struct Banner: Equatable {
    /// What kind of server says this, such as "an SSH server"; nil if that is not known.
    let kind: String?

    /// The first line, printable.
    let text: String
}

extension Findings.Language {
    /// What the first bytes of a server say about it.
    ///
    /// - Parameter bytes: all that has arrived before a pause or the end; not empty.
    init(firstWords bytes: [UInt8]) {
        if let head = HTTPHeadText(bytes) {
            self = .http(status: head.status, server: head["server"])
        } else if bytes.count >= 2, (0x14...0x17).contains(bytes[0]), bytes[1] == 3 {
            self = .tls
        } else if Self.isVersion1(bytes) {
            self = .zmtp(major: 1, minor: 0)
        } else if Self.isSignature(bytes) {
            self = .zmtp(major: 3, minor: 0)
        } else {
            self = .other(Banner(bytes))
        }
    }

    /// The beginning of a greeting of ZMTP 2.0 or 3.x: its bytes 1 to 8 are a small number, unlike those of Telnet.
    static func isSignature(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 10 && bytes[0] == 0xFF && bytes[9] & 1 == 1 && bytes[1] < 0xF0
    }

    /// A frame of ZMTP 1.0 in front: its length, with the flags, and flags that say that no other frame follows. A long
    /// one begins with FF, and the signature of the later versions has an odd byte where its flags are.
    private static func isVersion1(_ bytes: [UInt8]) -> Bool {
        guard Banner(bytes).kind == nil else { return false }
        if bytes[0] == 0xFF { return bytes.count >= 10 && bytes[9] == 0 && bytes[1...4].allSatisfy { $0 == 0 } }
        return bytes.count >= 2 && bytes[0] > 0 && bytes[1] == 0
    }
}

extension Banner {
    /// Beginnings, and who has them.
    private static let known: [(beginning: [UInt8], kind: String)] = [
        (Array("SSH-".utf8), "an SSH server"),
        (Array("AMQP".utf8), "an AMQP broker"),
        ([0, 0x53, 0x50, 0], "nanomsg or nng"),
        (Array("220 ".utf8), "an SMTP or FTP server"),
        (Array("220-".utf8), "an SMTP or FTP server"),
        (Array("-ERR ".utf8), "Redis or a similar server"),
        (Array("INFO {".utf8), "a NATS server"),
        (Array("+OK".utf8), "a POP3 server"),
        (Array("* OK".utf8), "an IMAP server"),
        (Array("RFB 00".utf8), "a VNC server"),
        (Array("<!DOCTYPE".utf8), "an HTTP server"),
        (Array("<html".utf8), "an HTTP server"),
    ]

    init(_ bytes: [UInt8]) {
        kind =
            Self.known.first { bytes.starts(with: $0.beginning) }?.kind
            ?? (Self.isMySQL(bytes) ? "MySQL or MariaDB" : Self.isTelnet(bytes) ? "a Telnet server" : nil)
        text = TextLines.printable(bytes.prefix { $0 != 10 && $0 != 13 }.prefix(80))
    }

    /// Its first packet: three bytes of length, number 0, version 10 of the protocol.
    private static func isMySQL(_ bytes: [UInt8]) -> Bool {
        bytes.count > 5 && bytes[2] == 0 && bytes[3] == 0 && bytes[4] == 10 && (0x30...0x39).contains(bytes[5])
    }

    /// An option is negotiated: IAC WILL, WONT, DO or DONT.
    private static func isTelnet(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 3 && bytes[0] == 0xFF && (0xFB...0xFE).contains(bytes[1])
    }
}

/// The head of an answer of HTTP, as far as it has arrived.
struct HTTPHeadText {
    /// The status, without the version.
    let status: String
    private let fields: [(name: String, value: String)]

    /// nil if it is none.
    init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Array("HTTP/".utf8)) else { return nil }
        let lines = bytes.prefix(8192).split(separator: 10, omittingEmptySubsequences: false)
            .map { String(decoding: $0.last == 13 ? $0.dropLast() : $0, as: UTF8.self) }
        status = TextLines.printable(String((lines[0].split(separator: " ", maxSplits: 1).last ?? "").prefix(80)))
        fields = lines.dropFirst().prefix { !$0.isEmpty }.compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (line[..<colon].lowercased(), TextLines.printable(String(value.prefix(80))))
        }
    }

    /// The first field of this name, in lower case.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}
