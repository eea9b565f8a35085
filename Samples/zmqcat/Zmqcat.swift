import ArgumentParser
import Glibc
import ZMQReactor

@main
enum Zmqcat {
    static func main() {
        openMissingStreams()
        let words = CommandLine.arguments.dropFirst()
        if words.first == "keygen" {
            let command: Keygen = parse(words.dropFirst())
            do { try command.run() } catch { fail(error, status: 1) }
            exit(0)
        }
        if words.first == "probe" {
            let command: Probe = parse(words.dropFirst())
            do { exit(try command.probe()) } catch { fail(error) }
        }
        let arguments: Arguments = parse(words)
        do { exit(try run(arguments)) } catch { fail(error) }
    }

    private static func parse<Command: ParsableArguments>(_ words: ArraySlice<String>) -> Command {
        do { return try Command.parse(Array(words)) } catch {
            let (text, isHelp) = Command.outcome(of: error)
            guard isHelp else { fail(Complaint(withoutSecrets(text, words))) }
            Diagnostics.write(Array((text + "\n").utf8), to: STDOUT_FILENO)
            exit(0)
        }
    }

    /// A value in the wrong place may be a secret, such as the second one of `--option plain-password SECRET`, or a user
    /// with a password that does not follow an `--allow`.
    private static func withoutSecrets(_ text: String, _ words: ArraySlice<String>) -> String {
        let passwords = words.filter { mayHoldPassword($0) }
        let isSafe = passwords.isEmpty && !words.contains { $0.hasPrefix("--allow") || $0.hasPrefix("--option") }
        if !isSafe, text.lowercased().contains("unexpected argument") {
            return "unexpected argument: --option takes one NAME=VALUE, and --allow one value; both are repeatable"
        }
        return passwords.reduce(text) { text, word in
            text.replacing("The value '\(word)' is invalid for '<type>'", with: "The first argument is no '<type>'")
        }
    }

    /// Whether a word has a colon, and is no endpoint.
    private static func mayHoldPassword(_ word: String) -> Bool {
        guard let colon = word.firstIndex(of: ":") else { return false }
        return !word[colon...].hasPrefix("://")
    }

    private static func run(_ arguments: Arguments) throws -> CInt {
        let linger = arguments.linger?.duration ?? .seconds(10)
        let settings = try SocketSettings(arguments.options(), linger: linger)
        let reactor = try Reactor()
        let cat = Cat(arguments, settings, on: reactor)
        try cat.start()
        reactor.run()
        return cat.status
    }

    private static func fail(_ error: any Error, status: CInt = 2) -> Never {
        Diagnostics.error(Complaint("\(error)"))
        exit(status)
    }

    /// A standard stream that was closed by the parent process is treated as empty; otherwise the next descriptor
    /// opened would take its place.
    private static func openMissingStreams() {
        while true {
            let descriptor = open("/dev/null", O_RDWR)
            guard descriptor >= 0, descriptor <= STDERR_FILENO else {
                close(descriptor)
                return
            }
        }
    }
}
