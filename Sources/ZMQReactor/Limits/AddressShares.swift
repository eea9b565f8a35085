/// What remote addresses have recently taken of the rate of new connections. A pure value; time is an argument, in
/// nanoseconds.
///
/// An address is remembered for a second or more after its last connection. By then its share is whole again, so that
/// forgetting it changes nothing. When more addresses than `most` come within a second, the oldest are forgotten
/// earlier, which bounds the memory: no single address can make that happen.
struct AddressShares {
    static let most = 16_384

    /// Those of this period, and those of the one before it.
    private var recent: [RemoteAddress: TokenBucket] = [:]
    private var former: [RemoteAddress: TokenBucket] = [:]
    private var start: Int64 = 0

    /// The number of entries that take memory.
    var count: Int { recent.count + former.count }

    /// What an address has left.
    subscript(address: RemoteAddress) -> TokenBucket { recent[address] ?? former[address] ?? TokenBucket() }

    /// Remembers what an address has left.
    mutating func update(_ address: RemoteAddress, _ share: TokenBucket, at now: Int64) {
        if recent.count >= Self.most || now.subtractingSaturating(start) >= TokenBucket.second {
            (former, recent, start) = (recent, [:], now)
        }
        recent[address] = share
    }
}
