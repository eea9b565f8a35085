/// Asks a server that is silent, or closes, whether it speaks TLS: a ClientHello gets a ServerHello or an alert.
struct TLSConversation: Conversation {
    var output: [UInt8]
    private(set) var findings = Findings()

    /// - Parameter random: 32 bytes.
    init(random: [UInt8]) {
        let extensions: [UInt8] = [
            0, 10, 0, 6, 0, 4, 0, 29, 0, 23,  // supported_groups: x25519, secp256r1
            0, 11, 0, 2, 1, 0,  // ec_point_formats: uncompressed
            0, 13, 0, 10, 0, 8, 4, 3, 8, 4, 4, 1, 5, 1,  // signature_algorithms
        ]
        // ECDHE with AES-GCM, and RSA with AES: some server refuses all of them, which is an answer as well.
        let suites: [UInt8] = [0xC0, 0x2B, 0xC0, 0x2F, 0xC0, 0x2C, 0xC0, 0x30, 0, 0x9C, 0, 0x2F]
        var hello: [UInt8] = [3, 3] + random + [0, 0, UInt8(suites.count)] + suites + [1, 0]
        hello += [0, UInt8(extensions.count)] + extensions
        output = [0x16, 3, 1, 0, UInt8(hello.count + 4), 1, 0, 0, UInt8(hello.count)] + hello
    }

    mutating func receive(_ bytes: ArraySlice<UInt8>) {
        guard findings.end == nil, !bytes.isEmpty else { return }
        if findings.language == nil, (0x14...0x17).contains(bytes[bytes.startIndex]) { findings.language = .tls }
        findings.end = .complete
    }

    mutating func waited() { if findings.end == nil { findings.end = .silent } }
    mutating func closed() { if findings.end == nil { findings.end = .closed } }
}
