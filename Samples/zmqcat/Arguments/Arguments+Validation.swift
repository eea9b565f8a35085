import ArgumentParser

extension Arguments {
    /// Checks what the argument types do not express.
    func validate() throws {
        if bind.isEmpty, bindPassed.isEmpty, connect.isEmpty {
            throw ValidationError("no endpoint: give --bind, --bind-passed or --connect at least once")
        }
        if let count, count < 1 { throw ValidationError("--count must be 1 or more, not \(count)") }
        guard (0...64).contains(ioThreads) else {
            throw ValidationError("--io-threads must be 0 to 64, not \(ioThreads)")
        }
        if let waitForPeers {
            guard waitForPeers >= 1 else {
                throw ValidationError("--wait-for-peers must be 1 or more, not \(waitForPeers)")
            }
            guard type.sends, !echo else {
                throw ValidationError("--wait-for-peers: standard input is not read")
            }
        }
        if echo, !type.echoes {
            throw ValidationError("--echo: a \(type.name) socket cannot reply")
        }
        if !type.subscribes {
            for (option, topics) in [("--subscribe", subscribe), ("--subscribe-hex", subscribeHex)]
            where !topics.isEmpty { throw ValidationError("\(option): a \(type.name) socket has no topics") }
        }
        _ = try topics()
    }

    /// All socket options, as `NAME=VALUE`; of several with the same name the last one counts.
    func options() throws(Complaint) -> [String] {
        var options: [String] = []
        for path in optionFile { options += try OptionFile.options(at: path) }
        return options + option + allow.map { "allow=\($0)" }
    }

    /// The subscriptions.
    func topics() throws -> [[UInt8]] {
        try subscribe.map { Array($0.utf8) }
            + subscribeHex.map { text in
                guard let topic = HexLines.bytes(Array(text.utf8)[...]) else {
                    throw ValidationError("--subscribe-hex \(text): not hexadecimal")
                }
                return topic
            }
    }
}

extension ParsableArguments {
    /// The text and exit status for invalid arguments or a request for help.
    static func outcome(of error: any Error) -> (text: String, isHelp: Bool) {
        if exitCode(for: error) == .success { return (fullMessage(for: error), true) }
        let lines = message(for: error).split(whereSeparator: \.isNewline)
        return (lines.map { String($0.drop(while: \.isWhitespace)) }.joined(separator: " "), false)
    }
}
