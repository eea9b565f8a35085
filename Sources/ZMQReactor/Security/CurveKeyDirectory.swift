import EventReactor
import Glibc
public import ZMTP

/// The keys of the clients of CURVE servers: a directory of ``CurveCertificate`` files, as of czmq (`zcertstore`) and
/// of pyzmq (`zmq.auth`); see ``Authenticator/keys(in:)``.
///
/// ```swift
/// let clients = CurveKeyDirectory("/etc/collector/clients")
/// options.security = try .curveServer(keys, authenticator: .keys(in: clients))
/// ```
///
/// Changes take effect without a restart. A lookup checks the directory if the last check is a second old, and reads
/// the files that have changed. A file that has been removed, or is no longer a certificate, has no effect from then
/// on. To replace a file, rename(2) a complete one over it: a half-written file is not a certificate until the next
/// check. A change counts from the next handshake on, and leaves existing connections alone.
///
/// The files are the regular ones directly in the directory, including targets of symbolic links, except those with a
/// name that begins with `.` or ends with `_secret` or `~`. The directory may be created later.
///
/// While the directory or a file of it cannot be read, for example because the process has no descriptors left, it is
/// not known which keys are missing: a client with an unknown key is refused for now, and may try again. Those whose
/// file is as it was are accepted. An unknown key is refused for now also while there are more files than the limit,
/// and for two seconds after the last change of a file that is no certificate: it may be half-written.
///
/// May be used from any thread. Files are read on the calling thread, up to limits on their number and size.
public final class CurveKeyDirectory: Sendable {
    /// A key of the directory.
    public struct Entry: Sendable, Hashable {
        /// The certificate.
        public let certificate: CurveCertificate
        /// The name of the file, without the directory.
        public let file: String

        /// The name of the owner: `user-id` of the metadata, else `name`, else the name of the file without `.key` or
        /// `.txt`.
        public var userID: String {
            let metadata = certificate.metadata
            if let name = metadata["user-id"] ?? metadata["name"], !name.isEmpty { return name }
            let suffix = [".key", ".txt"].first { file.hasSuffix($0) && file != $0 } ?? ""
            return String(file.dropLast(suffix.count))
        }
    }

    /// The path of the directory.
    public let path: String

    /// The longest time between a change and its effect.
    public let checkInterval: Duration

    private let fileLimit: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Locked(State())

    private struct State {
        var lastCheck: ContinuousClock.Instant?
        var files: [String: KnownFile] = [:]
        var entries: [CurvePublicKey: Entry] = [:]
        var problems: [String: String] = [:]
        /// Why there may be keys that are not among the entries; nil if there are none.
        var doubt: String?
    }

    /// The certificates of a directory.
    ///
    /// - Parameters:
    ///   - path: of the directory, which may come to exist later.
    ///   - checkInterval: the least time between two checks of the directory. Default 1 s.
    ///   - fileLimit: how many files are read; the others are a problem. Default 10,000. No file may have more than
    ///     64 KiB.
    public convenience init(_ path: String, checkInterval: Duration = .seconds(1), fileLimit: Int = 10_000) {
        self.init(path, checkInterval: checkInterval, fileLimit: fileLimit) { .now }
    }

    init(
        _ path: String,
        checkInterval: Duration,
        fileLimit: Int,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        (self.path, self.checkInterval, self.fileLimit, self.now) = (path, checkInterval, max(fileLimit, 0), now)
    }

    /// The entry with a key; nil if there is none.
    public func entry(for key: CurvePublicKey) -> Entry? { checked { $0.entries[key] } }

    /// The same; and if there is none, why it may only be unreadable.
    fileprivate func lookup(_ key: CurvePublicKey) -> (entry: Entry?, doubt: String?) {
        checked { ($0.entries[key], $0.doubt) }
    }

    /// All entries, by file name. Of two files with the same key, the first one counts.
    public var entries: [Entry] { checked { $0.entries.values.sorted { $0.file < $1.file } } }

    /// What cannot be read, and why: a sentence for each file name, and one under `.` if it is the directory.
    public var problems: [String: String] { checked { $0.problems } }

    /// Checks the directory now, however recent the last check is.
    public func refresh() { state.withLock { refresh(&$0) } }

    /// Whether all files are as they were at the last check, and need not be read again.
    var isSettled: Bool { state.withLock { $0.files.values.allSatisfy(\.isSettled) } }

    private func checked<Result: Sendable>(_ body: (State) -> Result) -> Result {
        state.withLock { state in
            if state.lastCheck.map({ now() - $0 >= checkInterval }) ?? true { refresh(&state) }
            return body(state)
        }
    }

    private func refresh(_ state: inout State) {
        state.lastCheck = now()
        state.doubt = nil
        var problems: [String: String] = [:]
        var names: [String] = []
        do throws(ZMQError) {
            names = try DirectoryListing.names(in: path, limit: fileLimit, where: Self.isCertificateName)
            if names.count > fileLimit {
                names.removeLast(names.count - fileLimit)
                problems["."] = "there are more than \(fileLimit) files"
                state.doubt = problems["."]
            }
        } catch {
            problems["."] = error.message
            state.doubt = error.message
            // Those that are known can be looked at nevertheless.
            names = state.files.keys.filter { access("\(path)/\($0)", F_OK) == 0 }.sorted()
        }
        var files: [String: KnownFile] = [:]
        var hasChanged = names.count != state.files.count
        for name in names {
            let (file, isNew) = KnownFile.look(at: "\(path)/\(name)", former: state.files[name])
            files[name] = file
            hasChanged = hasChanged || isNew
            state.doubt = file.doubt ?? state.doubt
        }
        state.files = files
        // Without a change, the problems are those of the last check.
        guard hasChanged || problems["."] != state.problems["."] else { return }
        state.entries = [:]
        for name in files.keys.sorted() {
            switch files[name]!.content {
            case .certificate(let certificate):
                let entry = Entry(certificate: certificate, file: name)
                if let former = state.entries[certificate.publicKey] {
                    problems[name] = "it has the same key as \(former.file.quoted)"
                } else if entry.userID.utf8.count > 255 {
                    problems[name] = "its user id has more than 255 bytes"
                } else {
                    state.entries[certificate.publicKey] = entry
                }
            case .problem(let reason), .unreadable(let reason): problems[name] = reason
            case .nothing: break
            }
        }
        state.problems = problems
    }

    private static func isCertificateName(_ name: String) -> Bool {
        !name.hasPrefix(".") && !name.hasSuffix(CertificateFile.secretSuffix) && !name.hasSuffix("~")
    }
}

extension Authenticator {
    /// Accepts clients whose key is in the directory now, over CURVE. The user id is
    /// ``CurveKeyDirectory/Entry/userID``; the metadata becomes ``PeerDescription/properties``, but for names that no
    /// property can have.
    ///
    /// Decides at once, except for the check of the directory, at most once a second.
    public static func keys(in directory: CurveKeyDirectory) -> Authenticator {
        Authenticator { request in
            guard case .curve(let key) = request.credentials else { return .noKey(request) }
            let (found, doubt) = directory.lookup(key)
            guard let entry = found else { return doubt.map { .refuseTemporarily($0) } ?? .unknown(key) }
            let properties = entry.certificate.metadata.filter { Metadata.isLegal(name: $0.key) }
            return .accept(userID: entry.userID, properties: properties.mapValues { Array($0.utf8) })
        }
    }
}
