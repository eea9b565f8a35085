import EventReactor
import Glibc
public import ZMTP

/// The users of PLAIN servers: names, and salted hashes of their passwords; see ``Authenticator/users(_:)``.
///
/// ```swift
/// let users = try PlainUsers(["alice": PasswordHash(text: storedHash)])
/// options.security = .plainServer(authenticator: .users(users))
/// ```
///
/// Verifying a password takes time and memory on purpose, 0.1 s and 64 MiB with the default
/// `PasswordHash.Cost`. It happens on threads of its own, so many at a time, whatever the number of peers: the
/// loops go on. Share one value among the servers of a program, so that the limit holds for all of them.
///
/// May be used from any thread. A change counts from the next handshake on, and leaves existing connections alone.
public final class PlainUsers: Sendable {
    private let table: Locked<Table>
    private let checks: PasswordChecks

    /// Users, which may change later.
    ///
    /// - Parameters:
    ///   - hashes: the hashes of the passwords, by user name.
    ///   - concurrency: how many passwords are verified at a time; each costs the memory of its hash. At least 1. By
    ///     default half the number of processors, at least 1 and at most 4.
    ///   - waitingLimit: how many more peers may wait for it; further ones are refused, and may try again. Default 128.
    /// - Throws: `invalidArgument` if a name has more than 255 bytes, or a number is out of range.
    public convenience init(
        _ hashes: [String: PasswordHash] = [:],
        concurrency: Int? = nil,
        waitingLimit: Int = 128
    ) throws(ZMQError) {
        try self.init(hashes, concurrency: concurrency, waitingLimit: waitingLimit) { try $0.matches($1) }
    }

    /// As the public one. `verify` replaces the computation of a hash.
    init(
        _ hashes: [String: PasswordHash],
        concurrency: Int? = nil,
        waitingLimit: Int = 128,
        verify: @escaping @Sendable (PasswordHash, Password) throws -> Bool
    ) throws(ZMQError) {
        let concurrency = concurrency ?? min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2, 1), 4)
        guard concurrency >= 1 else { throw .badOption("concurrency", value: concurrency, expected: "at least 1") }
        guard waitingLimit >= 0 else { throw .badOption("waitingLimit", value: waitingLimit, expected: "at least 0") }
        for name in hashes.keys.sorted() { try Self.check(name) }
        table = Locked(Table(hashes: hashes))
        checks = PasswordChecks(concurrency: concurrency, waitingLimit: waitingLimit, verify: verify)
    }

    /// The names, sorted.
    public var names: [String] { table.withLock { $0.hashes.keys.sorted() } }

    /// The hash of a user's password; nil if there is no such user.
    public func hash(of name: String) -> PasswordHash? { table.withLock { $0.hashes[name] } }

    /// Adds a user, or gives the user another password.
    ///
    /// - Throws: `invalidArgument` if the name has more than 255 bytes, which PLAIN cannot carry.
    public func set(_ hash: PasswordHash, for name: String) throws(ZMQError) {
        try Self.check(name)
        table.withLock { $0.hashes[name] = hash }
    }

    /// Removes a user. Returns whether there was one.
    @discardableResult
    public func remove(_ name: String) -> Bool { table.withLock { $0.hashes.removeValue(forKey: name) != nil } }

    private static func check(_ name: String) throws(ZMQError) {
        let (count, limit) = (name.utf8.count, PlainCredentials.limit)
        guard count <= limit else {
            throw .badOption("username", value: "\(count) bytes", expected: "at most \(limit) bytes")
        }
    }

    // MARK: Deciding

    fileprivate func verdict(_ name: String, _ password: Password) async -> AuthenticationVerdict {
        // One sentence for both: an unknown name may be a password in the wrong place.
        let refusal = AuthenticationVerdict.refuse("the user name or the password is wrong")
        guard let (hash, isKnown) = table.withLock({ $0.hashOrDecoy(of: name) }) else { return refusal }
        switch await checks.check(password, against: hash) {
        case .matches where isKnown: return .accept(userID: name)
        case .matches, .differs: return refusal
        case .busy: return .refuseTemporarily("too many passwords wait to be verified")
        case .failed: return .refuseTemporarily("the password cannot be verified now")
        case .cancelled: return .refuseTemporarily("the connection has ended")
        }
    }
}

/// The hashes, and those that stand for unknown names.
private struct Table {
    var hashes: [String: PasswordHash] { didSet { decoys = Self.decoys(hashes) } }
    private var decoys: [PasswordHash]

    init(hashes: [String: PasswordHash]) { (self.hashes, decoys) = (hashes, Self.decoys(hashes)) }

    private static func decoys(_ hashes: [String: PasswordHash]) -> [PasswordHash] { Array(hashes.values.prefix(64)) }

    /// The hash of a user, or another user's for an unknown name, so that it takes as long and does not show which
    /// names there are. It is always the same one for that name, and the choice is a secret of the process. nil without
    /// users.
    func hashOrDecoy(of name: String) -> (hash: PasswordHash, isKnown: Bool)? {
        // PLAIN's names are bytes: those of another spelling of the same text are another name.
        if let index = hashes.index(forKey: name), hashes[index].key.utf8.elementsEqual(name.utf8) {
            return (hashes[index].value, true)
        }
        guard !decoys.isEmpty else { return nil }
        // Hasher is seeded at random for each process.
        var hasher = Hasher()
        hasher.combine(name)
        return (decoys[Int(UInt(bitPattern: hasher.finalize()) % UInt(decoys.count))], false)
    }
}

extension Authenticator {
    /// Accepts users with their password, over PLAIN; the user id is the name.
    ///
    /// A wrong password and an unknown name take the same time and have the same reason. When too many passwords wait
    /// to be verified, the peer is refused and may try again; see ``PlainUsers/init(_:concurrency:waitingLimit:)``.
    public static func users(_ users: PlainUsers) -> Authenticator {
        .async { request in
            guard case .plain(let name, let password) = request.credentials else {
                return .refuse("the mechanism is \(request.credentials.mechanism), not PLAIN")
            }
            return await users.verdict(name, password)
        }
    }
}
