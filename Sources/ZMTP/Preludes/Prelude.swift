// What is said on a new connection before its own protocol begins: to a SOCKS proxy, or to make a WebSocket of an HTTP
// connection. Bytes in, bytes out; no descriptor.
//
//     start -> send / read -> receive -> send / read -> ... -> done / failed
//
// Only as many bytes as a step wants may be given to it: what stands behind the prelude belongs to what follows it.

/// One side of a prelude.
package protocol Prelude {
    /// Begins.
    mutating func start() -> PreludeStep

    /// Takes exactly the bytes that the last step wants.
    mutating func receive(_ bytes: [UInt8]) -> PreludeStep
}

/// What is to be done next.
package enum PreludeStep: Equatable, Sendable {
    /// Read exactly this many bytes, and call `receive` with them.
    case read(Int)
    /// Send these bytes, then read that many; with 0 of them, call `receive` at once.
    case send([UInt8], thenRead: Int)
    /// What follows may begin.
    case done
    /// There is nothing to follow, for this reason.
    case failed(String)
}
