import EventReactor
import Glibc

/// The descriptors that a service manager has opened and passes to the process it starts, see sd_listen_fds(3).
///
/// `LISTEN_PID` says to which process, `LISTEN_FDS` how many, from 3 on, and `LISTEN_FDNAMES` their names, with colons
/// in between.
struct PassedDescriptors: Sendable {
    private var descriptors: [String: [CInt]] = [:]

    /// The first one, see SD_LISTEN_FDS_START.
    static let first: CInt = 3

    /// What the service manager calls a descriptor without a name.
    private static let withoutName = "unknown"

    /// - Parameters:
    ///   - variable: the variables of the environment.
    ///   - process: the process that they have to be for.
    init(process: pid_t, _ variable: (String) -> String?) throws(ZMQError) {
        // For another process, or for none.
        guard let recipient = variable("LISTEN_PID"), let count = variable("LISTEN_FDS") else { return }
        guard let recipient = pid_t(recipient) else { throw Self.invalid("LISTEN_PID", recipient, "a process id") }
        guard recipient == process else { return }
        guard let number = CInt(count), number >= 0, number <= CInt.max - Self.first else {
            throw Self.invalid("LISTEN_FDS", count, "a number of descriptors")
        }
        guard let list = variable("LISTEN_FDNAMES") else {
            descriptors[Self.withoutName] = number > 0 ? Array(Self.first..<Self.first + number) : nil
            return
        }
        let names = number == 0 && list.isEmpty ? [] : list.split(separator: ":", omittingEmptySubsequences: false)
        guard names.count == number else {
            throw Self.invalid("LISTEN_FDNAMES", list, "\(number) names with colons in between")
        }
        for (offset, name) in names.enumerated() {
            descriptors[String(name), default: []].append(Self.first + CInt(offset))
        }
    }

    private static func invalid(_ name: String, _ value: String, _ expected: String) -> ZMQError {
        ZMQError(.invalidArgument, "\(name) in the environment must be \(expected), not \(value.quoted)")
    }

    /// Takes those of the name.
    mutating func take(named name: String) throws(ZMQError) -> [CInt] {
        if let found = descriptors.removeValue(forKey: name) { return found }
        let known = descriptors.keys.sorted().map(\.quoted).joined(separator: ", ")
        let others = known.isEmpty ? "there is none" : "there are \(known)"
        throw ZMQError(
            .noSuchEndpoint,
            "no descriptor called \(name.quoted) has been passed to this process: \(others)"
        )
    }

    mutating func giveBack(_ returned: [CInt], named name: String) { descriptors[name, default: []] += returned }
}

extension PassedDescriptors {
    /// Those of this process; nil before the first use.
    private static let ofProcess = Locked<PassedDescriptors?>(nil)

    static func takeFromEnvironment(named name: String) throws(ZMQError) -> [CInt] {
        try ofProcess.withLock { known in
            Result { () throws(ZMQError) in
                if known == nil { known = try ofEnvironment() }
                return try known!.take(named: name)
            }
        }.get()
    }

    private static func ofEnvironment() throws(ZMQError) -> PassedDescriptors {
        try PassedDescriptors(process: getpid()) { getenv($0).map { String(cString: $0) } }
    }

    static func giveBack(_ descriptors: [CInt], named name: String) {
        ofProcess.withLock { $0?.giveBack(descriptors, named: name) }
    }
}
