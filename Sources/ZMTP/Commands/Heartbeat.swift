// PING and PONG.
//
//   HB-1    A PING is answered with a PONG that carries its context.
//   HB-6    A context over 16 bytes, and a PING too short for its time to live, are errors.
//   DEV-29  libzmq misreads more than 65.5 s: a time to live over 655 is sent as 655.
//   DEV-30  libzmq pings 3.0 peers, so PING is answered for every version; it is not sent to 3.0 peers.

/// PING: asks for a PONG, and announces how long the sender may be silent before it counts as gone.
package enum Ping {
    /// The largest context, in bytes.
    package static let contextLimit = 16
    /// The longest time to live that every peer understands, in tenths of a second.
    package static let timeToLiveLimit: UInt16 = 655

    /// The size on the wire of a PING with a context of `contextSize` bytes.
    package static func encodedSize(contextSize: Int = 0) -> Int {
        Command.header("PING", dataSize: 2 + contextSize).frameSize
    }

    /// Appends a PING.
    ///
    /// - Parameters:
    ///   - timeToLive: In tenths of a second, at most 655; 0 for none.
    ///   - context: Up to 16 bytes that come back in the PONG.
    package static func append(timeToLive: UInt16, context: [UInt8] = [], to output: inout [UInt8]) {
        precondition(context.count <= contextLimit, "the context of a PING has at most 16 bytes")
        Command.append("PING", dataSize: 2 + context.count, to: &output)
        output.appendBigEndian(min(timeToLive, timeToLiveLimit))
        output += context
    }

    /// Time to live and context in a PING's data.
    static func parse(_ data: UnsafeRawBufferPointer) throws(ProtocolError) -> (UInt16, UnsafeRawBufferPointer) {
        guard data.count >= 2, data.count <= 2 + contextLimit, let base = data.baseAddress else {
            throw .malformedCommand("PING with \(data.count) bytes of data")
        }
        return (UnsafeRawPointer(base).bigEndian16(at: 0), UnsafeRawBufferPointer(rebasing: data[2...]))
    }
}

/// PONG: the reply to a PING.
package enum Pong {
    /// Appends a PONG.
    static func append(context: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        Command.append("PONG", dataSize: context.count, to: &output)
        output.append(contentsOf: context)
    }

    /// Checks a PONG's data, which is its context.
    static func check(_ data: UnsafeRawBufferPointer) throws(ProtocolError) {
        guard data.count <= Ping.contextLimit else {
            throw .malformedCommand("PONG with \(data.count) bytes of data")
        }
    }
}
