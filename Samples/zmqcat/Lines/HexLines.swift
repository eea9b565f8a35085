import ZMQReactor

/// Frames in hexadecimal, separated by one space; an empty frame is `-`.
enum HexLines: LineFormat {
    static func message(_ line: ArraySlice<UInt8>) throws(Complaint) -> Message {
        var frames: [Frame] = []
        for (number, word) in line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).enumerated() {
            guard let frame = word == [UInt8(ascii: "-")] ? [] : bytes(word), word.count > 0 else {
                throw Complaint("frame \(number + 1) of a line is not hexadecimal: \(TextLines.excerpt(word))")
            }
            frames.append(Frame(frame))
        }
        return Message(frames: frames)
    }

    static func append(_ message: Message, to output: inout [UInt8]) {
        var isFirst = true
        for frame in message {
            if !isFirst { output.append(UInt8(ascii: " ")) }
            isFirst = false
            if frame.isEmpty { output.append(UInt8(ascii: "-")) }
            for byte in frame {
                output.append(lowercaseDigits[Int(byte >> 4)])
                output.append(lowercaseDigits[Int(byte & 15)])
            }
        }
        output.append(UInt8(ascii: "\n"))
    }

    /// The bytes for digits, two per byte; nil for anything else. Upper case is accepted, too.
    static func bytes(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
