/// What a descriptor is ready for, or is watched for.
public struct Readiness: OptionSet, Hashable, Sendable, CustomStringConvertible {
    /// The bits. The two that can be watched for are libev's `EV_READ` and `EV_WRITE`.
    public let rawValue: UInt8

    /// Makes a set of the bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A read would not block: there are bytes, a connection to accept, the end of the stream, or an error to collect.
    @inlinable public static var readable: Readiness { Readiness(rawValue: 1) }
    /// A write would not block: there is room, a connect has come to an end, or there is an error to collect.
    @inlinable public static var writable: Readiness { Readiness(rawValue: 2) }

    /// The descriptor is not open any more: it was closed while it was watched, which is a mistake of the program; see poll(2), POLLNVAL.
    ///
    /// Reported once, beside what was watched for, by a watcher that is cancelled by then. It need not be asked for.
    @inlinable public static var invalid: Readiness { Readiness(rawValue: 4) }

    /// What can be watched for.
    var watchable: Readiness { intersection([.readable, .writable]) }

    /// `"readable"`, `"writable"`, `"readable, writable"` or `"none"`; with `"invalid"` behind it where that is reported.
    public var description: String {
        let names = [(Readiness.readable, "readable"), (.writable, "writable"), (.invalid, "invalid")]
            .compactMap { contains($0.0) ? $0.1 : nil }
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}
