import Glibc

extension ChildProcess {
    /// Writes to its standard input. Throws when it reads none within `limit`.
    public func write(_ text: String, within limit: Duration = .seconds(10)) throws {
        try write(Array(text.utf8), within: limit)
    }

    /// Writes to its standard input. Throws when it reads none within `limit`.
    public func write(_ bytes: [UInt8], within limit: Duration = .seconds(10)) throws {
        let descriptor = state.withLock { $0.input }
        guard descriptor >= 0 else { throw failure("has its standard input closed") }
        let start = ContinuousClock.now
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = writeWithoutSignal(descriptor, rest)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                guard ContinuousClock.now - start < limit else {
                    throw failure("did not read its standard input within \(limit)")
                }
                var wish = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wish, 1, 100)
            } else if errno != EINTR {
                throw failure("takes no input: \(errorText(errno))")
            }
        }
    }

    /// Closes its standard input.
    public func closeInput() {
        let descriptor = state.withLock { state in
            defer { state.input = -1 }
            return state.input
        }
        if descriptor >= 0 { close(descriptor) }
    }
}

/// A `write` that reports a closed reader as EPIPE without raising SIGPIPE, whatever this process's disposition for
/// that signal.
private func writeWithoutSignal(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int {
    var pipeSignal = sigset_t()
    sigemptyset(&pipeSignal)
    sigaddset(&pipeSignal, SIGPIPE)
    var former = sigset_t()
    pthread_sigmask(SIG_BLOCK, &pipeSignal, &former)
    let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    let code = errno
    if count < 0 && code == EPIPE {
        var now = timespec()
        sigtimedwait(&pipeSignal, nil, &now)
    }
    pthread_sigmask(SIG_SETMASK, &former, nil)
    errno = code
    return count
}
