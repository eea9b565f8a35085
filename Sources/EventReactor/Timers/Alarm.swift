import CLibev
import Glibc

/// The reactor's one timerfd, which expires at the earliest deadline.
///
/// libev's own timers are too coarse: its epoll backend rounds the wait up to whole milliseconds (ev(3),
/// "EVBACKEND_EPOLL"). An early expiry is harmless, so the alarm is set again only for an earlier deadline.
struct Alarm: ~Copyable {
    let descriptor: CInt
    private let io: UnsafeMutablePointer<ev_io>

    /// The time it is set to; `.max` when it is off.
    private(set) var time = Int64.max
    /// It has expired, and has not been set since.
    private(set) var hasFired = false

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

    mutating func fire() {
        hasFired = true
        time = .max
    }

    /// Ensures that the alarm expires at the deadline or before.
    mutating func ensure(by deadline: Int64?) {
        if let deadline, deadline < time {
            set(to: deadline)
        } else if hasFired {
            // Disarming also clears its readability.
            set(to: deadline ?? .max)
        }
    }

    private mutating func set(to deadline: Int64) {
        hasFired = false
        time = deadline
        let failed = clibev_timerfd_arm(descriptor, deadline == .max ? 0 : max(1, deadline))
        guard failed == 0 else {
            fatalError("The program has closed descriptor \(descriptor), the timer of a Reactor.")
        }
    }
}

private func alarmCallback(_ loop: OpaquePointer?, _ io: UnsafeMutablePointer<ev_io>?, _ events: Int32) {
    // libev could not register it, for lack of memory, and has stopped it; an early expiry is harmless.
    if events & Int32(truncatingIfNeeded: EV_ERROR) != 0 { ev_io_start(loop, io) }
    Unmanaged<Reactor>.fromOpaque(io!.pointee.data)._withUnsafeGuaranteedRef { $0.alarm.fire() }
}
