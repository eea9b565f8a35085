import ZMQReactor

/// How messages are written as lines. Lines come and go without their newline, except that `append` ends its line.
protocol LineFormat {
    /// The message that a line stands for.
    static func message(_ line: ArraySlice<UInt8>) throws(Complaint) -> Message

    /// Appends a message as a line, newline included.
    static func append(_ message: Message, to output: inout [UInt8])
}

let lowercaseDigits = Array("0123456789abcdef".utf8)
