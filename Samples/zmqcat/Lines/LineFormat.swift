import ZMQReactor

/// Converts between messages and lines. Lines have no newline, except that `append` adds one.
protocol LineFormat {
    /// The message for a line.
    static func message(_ line: ArraySlice<UInt8>) throws(Complaint) -> Message

    /// Appends a message as a line, with its newline.
    static func append(_ message: Message, to output: inout [UInt8])
}

let lowercaseDigits = Array("0123456789abcdef".utf8)
