import ArgumentParser
import ZMQReactor

/// `zmqcat probe`
struct Probe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zmqcat probe",
        abstract: "Find out what is at an endpoint, step by step.",
        discussion: """
            Looks up the name, connects, and shakes hands, with any server over tcp, ipc, ws and wss; reports what it is, \
            which key or password it wants, which socket types go with it, and what to do next. Whatever answers, it is \
            told: another version of ZMTP, HTTP, TLS, SSH, or nothing.

            It takes no messages from anybody: with a peer that would send it some, such as a PUSH, the handshake is not \
            completed. A server of PLAIN or CURVE shows its type only to clients that it knows: give the options with \
            which they connect, such as security=curve-client and curve-server-key=KEY.

            The exit status is 0 when a ZeroMQ socket is there and takes peers, 1 when nothing can be reached or nothing \
            answers, 2 when the arguments make no sense, 3 when it is something else than ZeroMQ, and 4 when it is ZeroMQ \
            and does not let the probe in.

            --json prints an object. Fields for what is not known are left out; texts of the peer are clipped at 200 \
            characters.

              endpoint, status        the argument, and the exit status
              verdict                 ready, unreachable, not-zeromq or refused
              addresses               those that were tried: address, error
              protocol, version       ZMTP, ZWS, HTTP, TLS or other; of ZMTP, such as 3.1
              http_status, http_server, banner, banner_of
                                      what else than ZeroMQ has said, and what it is
              mechanism, key_wanted, password_wanted
                                      NULL, PLAIN or CURVE; a key, a password
              peer_type, compatible_types, properties
                                      the socket type, what goes with it, its handshake
              connected_as, refusal   the type the probe has shown; the peer's reason
              subscriptions           of a SUB or XSUB, up to 20
              heartbeat_ms            from a PING to its PONG
              steps                   step, outcome (good, bad or note), text, ms
              advice                  what to do next, in sentences
            """
    )

    @Argument(help: ArgumentHelp("The endpoint to connect to, such as tcp://localhost:5555.", valueName: "endpoint"))
    var endpoint: String

    @Flag(help: "Print one line of JSON.")
    var json = false

    @Option(help: ArgumentHelp("How long each step may take.", valueName: "t"))
    var timeout = Time("3s")!

    @Option(help: ArgumentHelp("Set a socket option for the handshake. Repeatable.", valueName: "name=value"))
    var option: [String] = []

    @Option(help: ArgumentHelp("Set the socket options of this file. Repeatable.", valueName: "path"))
    var optionFile: [String] = []

    func validate() throws {
        guard timeout.duration > .zero else { throw ValidationError("--timeout must be more than 0") }
    }

    /// Probes, prints the report, and returns the exit status.
    func probe() throws -> CInt {
        var options: [String] = []
        for path in optionFile { options += try OptionFile.options(at: path) }
        let settings = try SocketSettings(options + option, linger: .zero)
        let target = try ProbeTarget(endpoint)
        let reactor = try Reactor()
        let prober = Prober(endpoint, target, settings, limit: timeout.duration, on: reactor)
        reactor.task { reactor in
            await prober.run()
            reactor.stop()
        }
        reactor.run()
        let report = prober.report
        Diagnostics.write(Array((json ? report.json : report.text).utf8), to: 1)
        return report.verdict.status
    }
}
