import ArgumentParser
import ZMQReactor

/// The command line.
struct Arguments: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zmqcat",
        abstract: "Open a socket of any type and connect it to standard input and output.",
        discussion: """
            Lines of standard input are sent as messages, and messages are printed as lines in the same form: as text, \
            frames separated by a tab, bytes that are not printable as \\xHH, a backslash as \\\\; or with --hex, frames in \
            hexadecimal separated by a space, an empty frame as "-". So the output of one is input of another. Times are \
            written 250ms, 2s, or as a bare number of milliseconds.

            "zmqcat probe ENDPOINT" finds out what is at an endpoint, step by step; "zmqcat keygen" makes CURVE keys. Both \
            have a --help.

            Socket options are called as in the library, with hyphens: \(SocketSetting.all.map(\.name).joined(separator: ", ")).

            With the option security=plain-server or curve-server, only peers of --allow may connect; with \
            security=plain-client or curve-client, this is the other side. Keys are 40 characters of Z85 or 64 hexadecimal \
            digits; "zmqcat keygen" prints a new pair. Other users of this machine see command lines: passwords and secret \
            keys belong in an --option-file that only you can read. The name in zap-domain selects no rules here: --allow \
            holds for any.

            The exit status is 0 when all went well, 1 after a timeout or an error on standard input or output, and 2 when \
            the arguments make no sense.
            """,
        version: "zmqcat \(LibraryVersion.current)"
    )

    @Argument(help: "The type of the socket.")
    var type: SocketKind

    @Option(help: ArgumentHelp("Listen at this endpoint. Repeatable.", valueName: "endpoint"))
    var bind: [String] = []

    @Option(
        help: ArgumentHelp(
            "Listen on the descriptors that a service manager has passed under this name. Repeatable.",
            valueName: "name"
        )
    )
    var bindPassed: [String] = []

    @Option(help: ArgumentHelp("Connect to this endpoint. Repeatable.", valueName: "endpoint"))
    var connect: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "\(SocketKind.names(where: \.subscribes)): Subscribe to what begins with this text, or join this group. Repeatable.",
            valueName: "topic"
        )
    )
    var subscribe: [String] = []

    @Option(
        help: ArgumentHelp(
            "\(SocketKind.names(where: \.subscribes)): Subscribe to what begins with these bytes, or join this group. Repeatable.",
            valueName: "hex"
        )
    )
    var subscribeHex: [String] = []

    @Flag(help: "Read and print messages in hexadecimal.")
    var hex = false

    @Option(help: ArgumentHelp("Set a socket option. Repeatable.", valueName: "name=value"))
    var option: [String] = []

    @Option(
        help: ArgumentHelp(
            "Set the socket options of this file, one on each line: a name, \"=\" or a space, and a value. Repeatable.",
            valueName: "path"
        )
    )
    var optionFile: [String] = []

    @Option(help: ArgumentHelp("End after this many messages: received ones if any can be.", valueName: "n"))
    var count: Int?

    @Option(help: ArgumentHelp("Exit when nothing is sent or received for this long.", valueName: "t"))
    var timeout: Time?

    @Option(help: ArgumentHelp("How long to wait for unsent messages when closing; default 10s.", valueName: "t"))
    var linger: Time?

    @Option(help: ArgumentHelp("Wait before reading the first line of standard input.", valueName: "t"))
    var delay: Time?

    @Option(
        help: ArgumentHelp(
            "Wait for this many peers before reading standard input; for pub and xpub, until they have subscribed, and for radio, until they have joined a group.",
            valueName: "n"
        )
    )
    var waitForPeers: Int?

    @Option(help: ArgumentHelp("Keep connections on this many background threads.", valueName: "n"))
    var ioThreads = 0

    @Flag(
        help: ArgumentHelp(
            "\(SocketKind.names(where: \.echoes)): Send every message back; do not read standard input."
        )
    )
    var echo = false

    @Flag(help: "Report connections on standard error.")
    var events = false

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Let in this user:password (plain-server) or public key (curve-server). Repeatable.",
            valueName: "who"
        )
    )
    var allow: [String] = []
}
