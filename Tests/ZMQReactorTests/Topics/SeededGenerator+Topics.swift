import ZMQReactorTesting

extension SeededGenerator {
    /// A topic of bytes from a small alphabet, so that prefixes are shared often.
    mutating func topic(upTo length: Int, alphabet: [UInt8]) -> [UInt8] {
        (0..<below(length + 1)).map { _ in alphabet[below(alphabet.count)] }
    }
}
