// Commands: a name with its length in front, and data.
//
//   CM-1  Unknown ones are ignored in traffic and refused in the handshake.
//   CM-2  An empty body, or a name that is empty or longer than the body, is an error.

/// A command in a peer's bytes, valid as long as those stay where they are.
struct Command {
    /// The names the engine knows.
    enum Name {
        case ready, error, ping, pong, subscribe, cancel
        case other
    }

    let name: Name
    let data: UnsafeRawBufferPointer
    private let nameBytes: UnsafeRawBufferPointer

    /// Takes the body of a command frame apart.
    init(body: UnsafeRawBufferPointer) throws(ProtocolError) {
        guard let nameSize = body.first.map(Int.init), nameSize > 0, nameSize < body.count else {
            throw .malformedCommand("has no name")
        }
        nameBytes = UnsafeRawBufferPointer(rebasing: body[1..<(1 + nameSize)])
        data = UnsafeRawBufferPointer(rebasing: body[(1 + nameSize)...])
        name = Self.name(nameBytes)
    }

    /// The name for an error's sentence: a peer may have put anything there.
    var printableName: String { printable(nameBytes.prefix(32)) }

    private static func name(_ bytes: UnsafeRawBufferPointer) -> Name {
        switch bytes.count {
        case 4: bytes.elementsEqual("PING".utf8) ? .ping : bytes.elementsEqual("PONG".utf8) ? .pong : .other
        case 5: bytes.elementsEqual("READY".utf8) ? .ready : bytes.elementsEqual("ERROR".utf8) ? .error : .other
        case 6: bytes.elementsEqual("CANCEL".utf8) ? .cancel : .other
        case 9: bytes.elementsEqual("SUBSCRIBE".utf8) ? .subscribe : .other
        default: .other
        }
    }

    /// The header of the frame of a command called `name` with `dataSize` bytes of data.
    static func header(_ name: StaticString, dataSize: Int) -> FrameHeader {
        FrameHeader(flags: FrameHeader.command, bodySize: 1 + name.utf8CodeUnitCount + dataSize)
    }

    /// Appends everything of a command that comes before its `dataSize` bytes of data.
    static func append(_ name: StaticString, dataSize: Int, to output: inout [UInt8]) {
        header(name, dataSize: dataSize).append(to: &output)
        output.append(UInt8(name.utf8CodeUnitCount))
        output.append(name)
    }
}

/// The bytes as text without anything that could upset a log.
func printable(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
}
