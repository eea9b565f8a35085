/// ERROR: why a peer is rejected, as a reason of 0 to 255 printable characters.
package enum ErrorCommand {
    /// Appends an ERROR with as much of `reason` as fits.
    package static func append(reason: String, to output: inout [UInt8]) {
        let reason = printable(reason.utf8.prefix(255))
        Command.append("ERROR", dataSize: 1 + reason.utf8.count, to: &output)
        output.append(UInt8(reason.utf8.count))
        output += Array(reason.utf8)
    }

    /// The reason in an ERROR's data.
    static func reason(_ data: UnsafeRawBufferPointer) throws(ProtocolError) -> String {
        guard let size = data.first, data.count == 1 + Int(size) else {
            throw .malformedCommand("ERROR of the wrong size")
        }
        return printable(data.dropFirst())
    }

    /// The reason in an ERROR that libzmq's PLAIN server has misspelt (DEV-18); nil if the body is none.
    static func misspeltReason(_ body: UnsafeRawBufferPointer) throws(ProtocolError) -> String? {
        guard body.starts(with: [0x5E, 0x52, 0x52, 0x4F, 0x52]) else { return nil }
        return try reason(UnsafeRawBufferPointer(rebasing: body[5...]))
    }
}
