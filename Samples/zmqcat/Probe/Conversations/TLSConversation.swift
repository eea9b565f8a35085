/// Asks a server that is silent, or closes, whether it speaks TLS: a ClientHello gets a ServerHello or an alert.
struct TLSConversation: Conversation {
    var output: [UInt8]
    private(set) var findings = Findings()
    private var input: [UInt8] = []

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
        guard findings.end == nil else { return }
        input += bytes
        // A server of TLS speaks when it is asked; any other may take its time.
        if input.count >= 2, Findings.Language(firstWords: input) == .tls || input.count >= 64 { classify(.complete) }
    }

    private mutating func classify(_ end: Findings.End) {
        guard findings.end == nil else { return }
        if !input.isEmpty { findings.language = Findings.Language(firstWords: input) }
        findings.end = input.isEmpty ? end : .complete
    }

    mutating func waited() { classify(.silent) }
    mutating func closed() { classify(.closed) }
}
