extension ProbeReport {
    /// For programs: one line.
    var json: String {
        var fields: [(String, JSONText)] = [
            ("endpoint", .string(endpoint)), ("verdict", .string(verdict.rawValue)),
            ("status", .number("\(verdict.status)")),
            (
                "addresses",
                .array(
                    addresses.map { address, error in
                        .object([("address", .string(address))] + (error.map { [("error", .string($0))] } ?? []))
                    }
                )
            ),
        ]
        func add(_ name: String, _ value: String?) { if let value { fields.append((name, .string(value))) } }
        add("protocol", findings.language?.name)
        if case .zmtp(let major, let minor) = findings.language { add("version", "\(major).\(minor)") }
        if case .http(let status, let server) = findings.language {
            add("http_status", status)
            add("http_server", server)
        }
        if case .other(let banner) = findings.language {
            add("banner", banner.text)
            add("banner_of", banner.kind)
        }
        add("mechanism", findings.mechanism)
        if let mechanism = findings.mechanism {
            fields.append(("key_wanted", .bool(mechanism == "CURVE")))
            fields.append(("password_wanted", .bool(mechanism == "PLAIN")))
        }
        add("peer_type", findings.peerType)
        if let type = findings.peerType {
            fields.append(("compatible_types", .array(PeerTypes.compatible(with: type).map(JSONText.string))))
        }
        if !findings.properties.isEmpty {
            let properties = findings.properties.prefix(Self.propertyLimit)
            fields.append(
                ("properties", .object(properties.map { ($0.name.clipped, .string(Self.value($0.value))) }))
            )
        }
        add("connected_as", findings.offeredType)
        add("refusal", findings.refusal?.clipped)
        if !findings.subscriptions.isEmpty {
            fields.append(("subscriptions", .array(findings.subscriptions.map { .string(Self.value($0)) })))
        }
        if let roundTrip { fields.append(("heartbeat_ms", .number(Self.milliseconds(roundTrip)))) }
        fields.append(("steps", .array(steps.map(\.json))))
        fields.append(("advice", .array(advice.map(JSONText.string))))
        return JSONText.object(fields).text + "\n"
    }

    /// Bytes as text, as zmqcat prints them; clipped.
    static func value(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        bytes.prefix(String.clippedLength + 1).withUnsafeBytes { TextLines.append($0, to: &output) }
        return String(decoding: output, as: UTF8.self).clipped
    }
}

extension String {
    /// The most characters of a text of the peer's choice that are printed.
    static let clippedLength = 200

    /// Its beginning.
    var clipped: String {
        guard let end = index(startIndex, offsetBy: Self.clippedLength, limitedBy: endIndex), end < endIndex else {
            return self
        }
        return self[..<end] + "…"
    }
}

extension ProbeReport.Step {
    fileprivate var json: JSONText {
        var fields: [(String, JSONText)] = [
            ("step", .string(name)), ("outcome", .string(outcome.rawValue)), ("text", .string(text)),
        ]
        if let time { fields.append(("ms", .number(ProbeReport.milliseconds(time)))) }
        return .object(fields)
    }
}

extension Findings.Language {
    /// In one word.
    var name: String {
        switch self {
        case .zmtp: "ZMTP"
        case .webSocket: "ZWS"
        case .http: "HTTP"
        case .tls: "TLS"
        case .other: "other"
        }
    }
}

/// A value of JSON (RFC 8259).
indirect enum JSONText {
    case string(String), number(String), bool(Bool), array([JSONText]), object([(String, JSONText)])

    var text: String {
        switch self {
        case .string(let string): Self.quoted(string)
        case .number(let number): number
        case .bool(let flag): flag ? "true" : "false"
        case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        case .object(let fields):
            "{" + fields.map { Self.quoted($0.0) + ": " + $0.1.text }.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\" + String(scalar)
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
