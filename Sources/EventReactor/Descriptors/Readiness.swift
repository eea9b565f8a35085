/// What a descriptor is ready for, or is watched for.
public struct Readiness: OptionSet, Hashable, Sendable, CustomStringConvertible {
    /// The bits. The two that can be watched for are libev's `EV_READ` and `EV_WRITE`.
    public let rawValue: UInt8

    /// Makes a set from its bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A read would not block: there are bytes, a connection to accept, the end of the stream, or a pending error.
    @inlinable public static var readable: Readiness { Readiness(rawValue: 1) }
    /// A write would not block: there is buffer space, a connect has finished, or there is a pending error.
    @inlinable public static var writable: Readiness { Readiness(rawValue: 2) }

    /// The descriptor is not open any more: the program closed it while it was watched, which is a mistake; see
    /// poll(2), POLLNVAL.
    ///
    /// Reported once, together with the watched conditions, by a watcher that is already cancelled. It need not be
    /// requested.
    @inlinable public static var invalid: Readiness { Readiness(rawValue: 4) }

    /// What can be watched for.
    var watchable: Readiness { intersection([.readable, .writable]) }

    /// `"readable"`, `"writable"`, `"readable, writable"` or `"none"`; followed by `"invalid"` where that is reported.
    public var description: String {
        let names = [(Readiness.readable, "readable"), (.writable, "writable"), (.invalid, "invalid")]
            .compactMap { contains($0.0) ? $0.1 : nil }
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}
