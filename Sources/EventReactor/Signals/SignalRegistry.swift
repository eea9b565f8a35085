import CLibev
import Glibc

/// Which loop watches which signal. A signal has one disposition per process, and libev one loop per signal: it
/// asserts, and ends the process, when a second loop watches it (ev(3), "ev_signal").
enum SignalRegistry {
    private struct Entry {
        let loop: OpaquePointer
        var watchers: Int
        /// The disposition before the first watcher. libev would restore the default instead.
        var previous: sigaction
    }

    // The pointers are compared, never dereferenced.
    private struct Table: @unchecked Sendable {
        var entries: [Signal: Entry] = [:]
    }

    private static let table = Locked(Table())

    /// Adds a watcher, and calls `start` while no other thread starts or stops signals.
    static func claim(_ signal: Signal, for loop: OpaquePointer, start: () -> Void) throws(ReactorError) {
        var previous = sigaction()
        guard sigaction(signal.rawValue, nil, &previous) == 0, signal.rawValue != SIGKILL, signal.rawValue != SIGSTOP
        else { throw ReactorError(.invalidArgument, "\(signal) cannot be watched", errno: EINVAL) }

        let isFree = table.withLock { table in
            if let entry = table.entries[signal], entry.loop != loop { return false }
            table.entries[signal, default: Entry(loop: loop, watchers: 0, previous: previous)].watchers += 1
            start()
            return true
        }
        guard isFree else {
            throw ReactorError(
                .signalInUse,
                "\(signal) is already watched by another reactor; watch it there, and submit to this one"
            )
        }
    }

    /// Removes a watcher. The last one restores the disposition from before the first.
    static func release(_ signal: Signal, stop: () -> Void) {
        table.withLock { table in
            stop()
            guard var entry = table.entries[signal] else { return }
            entry.watchers -= 1
            if entry.watchers == 0 {
                table.entries[signal] = nil
                sigaction(signal.rawValue, &entry.previous, nil)
            } else {
                table.entries[signal] = entry
            }
        }
    }
}
