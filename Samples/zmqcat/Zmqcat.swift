import ArgumentParser
import Glibc
import ZMQReactor

@main
enum Zmqcat {
    static func main() {
        openMissingStreams()
        let arguments: Arguments
        do { arguments = try Arguments.parse() } catch {
            let (text, isHelp) = Arguments.outcome(of: error)
            if isHelp {
                Diagnostics.write(Array((text + "\n").utf8), to: STDOUT_FILENO)
                exit(0)
            }
            fail(Complaint(text))
        }
        do { exit(try run(arguments)) } catch { fail(error) }
    }

    private static func run(_ arguments: Arguments) throws -> CInt {
        let reactor = try Reactor()
        let settings = try SocketSettings(arguments.option, linger: arguments.linger?.duration ?? .seconds(10))
        let cat = Cat(arguments, on: reactor)
        try cat.start(settings)
        reactor.run()
        return cat.status
    }

    private static func fail(_ error: any Error) -> Never {
        Diagnostics.error(Complaint("\(error)"))
        exit(2)
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
