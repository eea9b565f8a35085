import CLibev
import Glibc

/// The reactor's one timerfd, which rings at the earliest deadline.
///
/// libev's own timers would not do: its epoll backend rounds the time it waits up to whole milliseconds (ev(3),
/// "EVBACKEND_EPOLL"). Ringing for nothing is harmless, so the alarm is set again only when an earlier deadline comes.
struct Alarm: ~Copyable {
    let descriptor: CInt
    private let io: UnsafeMutablePointer<ev_io>

    /// What it is set to; `.max` when it is silent.
    private(set) var time = Int64.max
    /// It went off, and has not been set since.
    private(set) var rang = false

    init() throws(ReactorError) {
        descriptor = clibev_timerfd_create()
        guard descriptor >= 0 else { throw .system("cannot open a timer descriptor") }
        io = .allocate(capacity: 1)
        io.initialize(to: ev_io())
    }

    deinit {
        io.deallocate()
        close(descriptor)
    }

    func start(on loop: OpaquePointer, data: UnsafeMutableRawPointer) {
        clibev_io_init(io, alarmCallback, descriptor, Int32(EV_READ), data)
        ev_io_start(loop, io)
    }

    func stop(on loop: OpaquePointer) {
        ev_io_stop(loop, io)
    }

    mutating func ring() {
        rang = true
        time = .max
    }

    /// Sees to it that the alarm rings at the deadline or before.
    mutating func ensure(by deadline: Int64?) {
        if let deadline, deadline < time {
            set(to: deadline)
        } else if rang {
            // Silencing also takes back that it is readable.
            set(to: deadline ?? .max)
        }
    }

    private mutating func set(to deadline: Int64) {
        rang = false
        time = deadline
        let failed = clibev_timerfd_arm(descriptor, deadline == .max ? 0 : max(1, deadline))
        guard failed == 0 else {
            fatalError("The program has closed a Reactor's timer descriptor, \(descriptor), which is not its own.")
        }
    }
}

private func alarmCallback(_ loop: OpaquePointer?, _ io: UnsafeMutablePointer<ev_io>?, _ events: Int32) {
    // libev could not register it, for lack of memory, and has stopped it; ringing for nothing is harmless.
    if events & Int32(truncatingIfNeeded: EV_ERROR) != 0 { ev_io_start(loop, io) }
    Unmanaged<Reactor>.fromOpaque(io!.pointee.data)._withUnsafeGuaranteedRef { $0.alarm.ring() }
}
