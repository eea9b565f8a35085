import ZMQReactor

/// A line is one unchanged frame; frames are printed joined by a tab, with `\xHH` for every byte that is not part of
/// printable UTF-8.
enum TextLines: LineFormat {
    static func message(_ line: ArraySlice<UInt8>) throws(Complaint) -> Message { Message(line) }

    static func append(_ message: Message, to output: inout [UInt8]) {
        var isFirst = true
        for frame in message {
            if !isFirst { output.append(UInt8(ascii: "\t")) }
            isFirst = false
            frame.withUnsafeBytes { append($0, to: &output) }
        }
        output.append(UInt8(ascii: "\n"))
    }

    /// Appends text, escaping what is not printable.
    static func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        guard let base = bytes.baseAddress else { return }
        var start = 0
        while true {
            let end = PrintableText.end(in: bytes, from: start)
            output.append(contentsOf: UnsafeRawBufferPointer(start: base + start, count: end - start))
            guard end < bytes.count else { return }
            escape(bytes[end], to: &output)
            start = end + 1
        }
    }

    /// The beginning of a text, escaped, for an error message.
    static func excerpt(_ bytes: ArraySlice<UInt8>) -> String {
        var output: [UInt8] = []
        bytes.prefix(60).withUnsafeBytes { append($0, to: &output) }
        return "\"" + String(decoding: output, as: UTF8.self) + (bytes.count > 60 ? "…\"" : "\"")
    }

    /// The same text, escaping what is not printable.
    static func printable(_ text: String) -> String {
        var output: [UInt8] = []
        Array(text.utf8).withUnsafeBytes { append($0, to: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    private static func escape(_ byte: UInt8, to output: inout [UInt8]) {
        output += "\\x".utf8
        output.append(lowercaseDigits[Int(byte >> 4)])
        output.append(lowercaseDigits[Int(byte & 15)])
    }
}
