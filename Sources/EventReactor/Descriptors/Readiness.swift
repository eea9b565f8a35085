/// What a descriptor is ready for, or is watched for.
public struct Readiness: OptionSet, Hashable, Sendable, CustomStringConvertible {
    /// The bits, which are those of libev's `EV_READ` and `EV_WRITE`.
    public let rawValue: UInt8

    /// Makes a set of the bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A read would not block: there are bytes, a connection to accept, the end of the stream, or an error to collect.
    @inlinable public static var readable: Readiness { Readiness(rawValue: 1) }
    /// A write would not block: there is room, a connect has come to an end, or there is an error to collect.
    @inlinable public static var writable: Readiness { Readiness(rawValue: 2) }

    /// `"readable"`, `"writable"`, `"readable, writable"` or `"none"`.
    public var description: String {
        switch (contains(.readable), contains(.writable)) {
        case (true, true): "readable, writable"
        case (true, false): "readable"
        case (false, true): "writable"
        case (false, false): "none"
        }
    }
}
