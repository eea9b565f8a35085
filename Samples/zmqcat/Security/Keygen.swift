import ArgumentParser
import Glibc
import ZMQReactor

/// `zmqcat keygen`
struct Keygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zmqcat keygen",
        abstract: "Print a new CURVE key pair, in Z85.",
        discussion: """
            The public key is for the other side: the server's for curve-server-key, a client's for --allow. The output is \
            a file for --option-file. Keep it from other users:

                (umask 077; zmqcat keygen >server.keys)
            """
    )

    func run() throws {
        let keys: CurveKeyPair
        do { keys = try CurveKeyPair() } catch { throw Complaint("keygen: \(error)") }
        let lines = "curve-public-key \(keys.publicKey.z85)\ncurve-secret-key \(keys.secretKey.exportedZ85())\n"
        guard Diagnostics.write(Array(lines.utf8), to: STDOUT_FILENO) else {
            throw Complaint("keygen: cannot write to standard output: \(String(cString: strerror(errno)))")
        }
    }
}
