// Prints the version of the framework.

import ArgumentParser
import ZMQReactor

@main
struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of the framework."
    )

    func run() {
        print("Current 0MQ version is \(LibraryVersion.current)")
    }
}
