import Glibc
import ZMQReactor

/// Frames joined by a tab, with `\xHH` for every byte that is not part of printable UTF-8, and `\\` for a backslash.
///
/// What is printed is input of the same message. Input may contain any other byte as it is, except for a newline, which
/// ends the line.
enum TextLines: LineFormat {
    private static let tab = UInt8(ascii: "\t")
    private static let backslash = UInt8(ascii: "\\")

    static func message(_ line: ArraySlice<UInt8>) throws(Complaint) -> Message {
        let isPlain = line.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return true }
            return memchr(base, CInt(tab), bytes.count) == nil && memchr(base, CInt(backslash), bytes.count) == nil
        }
        if isPlain { return Message(line) }
        var frames: [Frame] = []
        for frame in line.split(separator: tab, omittingEmptySubsequences: false) {
            frames.append(Frame(try unescaped(frame)))
        }
        return Message(frames: frames)
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) throws(Complaint) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == backslash else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case backslash: bytes.append(backslash)
            case UInt8(ascii: "x"):
                guard rest.count >= 2, let value = HexLines.bytes(rest.prefix(2)) else { fallthrough }
                bytes += value
                rest = rest.dropFirst(2)
            default:
                throw Complaint("a line has a backslash before neither xHH nor a backslash: \(excerpt(text))")
            }
        }
        return bytes
    }

    static func append(_ message: Message, to output: inout [UInt8]) {
        var isFirst = true
        for frame in message {
            if !isFirst { output.append(tab) }
            isFirst = false
            frame.withUnsafeBytes { append($0, to: &output) }
        }
        output.append(UInt8(ascii: "\n"))
    }

    /// Appends text, escaping what is not printable, and backslashes.
    ///
    /// - Parameter backslashes: whether these are escaped.
    static func append(_ bytes: UnsafeRawBufferPointer, backslashes: Bool = true, to output: inout [UInt8]) {
        guard let base = bytes.baseAddress else { return }
        var start = 0
        while true {
            let end = PrintableText.end(in: bytes, from: start)
            output.append(contentsOf: UnsafeRawBufferPointer(start: base + start, count: end - start))
            guard end < bytes.count else { return }
            if bytes[end] == backslash {
                output.append(backslash)
                if backslashes { output.append(backslash) }
            } else {
                escape(bytes[end], to: &output)
            }
            start = end + 1
        }
    }

    /// The beginning of a text, escaped, for an error message.
    static func excerpt(_ bytes: ArraySlice<UInt8>) -> String {
        "\"" + printable(bytes.prefix(60)) + (bytes.count > 60 ? "…\"" : "\"")
    }

    /// The same text on one line, with control characters escaped.
    static func printable(_ text: String) -> String { printable(Array(text.utf8)[...]) }

    /// The same text on one line, with all bytes that are not printable escaped.
    static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        var output: [UInt8] = []
        bytes.withUnsafeBytes { append($0, backslashes: false, to: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    private static func escape(_ byte: UInt8, to output: inout [UInt8]) {
        output += "\\x".utf8
        output.append(lowercaseDigits[Int(byte >> 4)])
        output.append(lowercaseDigits[Int(byte & 15)])
    }
}
