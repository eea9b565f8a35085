import ArgumentParser
import ZMQReactor

extension Arguments {
    /// What the types of the arguments do not say.
    func validate() throws {
        if bind.isEmpty, connect.isEmpty {
            throw ValidationError("no endpoint: give --bind or --connect at least once")
        }
        if let count, count < 1 { throw ValidationError("--count \(count): it must be 1 or more") }
        if echo, !type.traits.contains(.answers) {
            throw ValidationError("--echo: a \(type.argument) socket cannot answer")
        }
        if !type.traits.contains(.subscribes) {
            for (option, topics) in [("--subscribe", subscribe), ("--subscribe-hex", subscribeHex)]
            where !topics.isEmpty { throw ValidationError("\(option): a \(type.argument) socket has no topics") }
        }
        if let who = allow.first { throw ValidationError("--allow \(who): PLAIN and CURVE are not built yet") }
        _ = try topics()
    }

    /// What is subscribed to.
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

extension Arguments {
    /// What to print and which status to exit with when the arguments cannot be used, or ask for help.
    static func outcome(of error: any Error) -> (text: String, isHelp: Bool) {
        if exitCode(for: error) == .success { return (fullMessage(for: error), true) }
        let lines = message(for: error).split(whereSeparator: \.isNewline)
        return (lines.map { String($0.drop(while: \.isWhitespace)) }.joined(separator: " "), false)
    }
}
