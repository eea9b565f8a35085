public import EventReactor

extension ChildProcess {
    /// Waits until it has ended and all its output has been read.
    @discardableResult
    public func wait(within limit: Duration = .seconds(10)) throws -> ExitStatus {
        let status = state.wait(within: limit) { $0.open.isEmpty ? $0.status : nil }
        guard let status else { throw failure("did not end within \(limit)") }
        return status
    }

    /// Waits for its end and throws unless the exit status is `expected`.
    public func expectExit(_ expected: ExitStatus = .exited(0), within limit: Duration = .seconds(10)) throws {
        let status = try wait(within: limit)
        guard status == expected else { throw failure("expected \(expected), got \(status)") }
    }

    /// Waits until its output contains `text` and returns the whole output.
    @discardableResult
    public func expectOutput(
        _ text: String,
        on stream: OutputStream = .output,
        within limit: Duration = .seconds(10)
    ) throws -> String {
        enum Outcome { case found(String), ended }
        let outcome = state.wait(within: limit) { state -> Outcome? in
            let printed = String(decoding: state.outputs[stream]!, as: UTF8.self)
            if printed.contains(text) { return .found(printed) }
            return state.open.contains(stream) ? nil : .ended
        }
        switch outcome {
        case .found(let printed): return printed
        case .ended: throw failure("ended without printing \(String(reflecting: text))")
        case nil: throw failure("did not print \(String(reflecting: text)) within \(limit)")
        }
    }

    /// The next complete line of standard output, without its newline; nil when there are no more.
    public func nextLine(within limit: Duration = .seconds(10)) throws -> String? {
        let line = state.wait(within: limit) { state -> String?? in
            let rest = state.outputs[.output]![state.linesTaken...]
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                state.linesTaken = end + 1
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            if state.open.contains(.output) { return nil }
            state.linesTaken = rest.endIndex
            return .some(rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self))
        }
        guard let line else { throw failure("printed no line within \(limit)") }
        return line
    }

    /// A failure with this process's report.
    public func failure(_ sentence: String) -> TestFailure {
        TestFailure("\(name) \(sentence)\n\(report)")
    }
}
