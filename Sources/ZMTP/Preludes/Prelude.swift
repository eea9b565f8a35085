// What is said on a new connection before its own protocol begins: to a SOCKS proxy, or to make a WebSocket of an HTTP
// connection. Bytes in, bytes out; no descriptor.
//
//     start -> send / read -> receive -> send / read -> ... -> done / failed
//
// Only as many bytes as a step wants may be given to it: what stands behind the prelude belongs to what follows it. A
// prelude that recognises its end among bytes that have arrived may be given more of them at once.

/// One side of a prelude.
package protocol Prelude {
    /// Begins.
    mutating func start() -> PreludeStep

    /// Takes exactly the bytes that the last step wants, or the portion that it has named.
    mutating func receive(_ bytes: [UInt8]) -> PreludeStep

    /// How many of the bytes that have arrived it takes at once: at least the `wanted` ones of the last step, and none
    /// behind its end.
    func portion(of arrived: ArraySlice<UInt8>, wanted: Int) -> Int
}

extension Prelude {
    package func portion(of arrived: ArraySlice<UInt8>, wanted: Int) -> Int { wanted }
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
