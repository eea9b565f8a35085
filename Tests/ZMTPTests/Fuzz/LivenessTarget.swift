import ZMQReactorTestSupport

@testable import ZMTP

/// The heartbeat, with any settings and at any times: it does what it announces, has one PING outstanding, and keeps
/// peers that have recently given a sign of life.
///
/// Input: interval, timeout and time to live; then steps, each a byte (3 bits for the event, 5 for the amount).
let fuzzLiveness: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let durations: [Int64] = [0, 1, 1_000_000, 1_000_000_000, 3_600_000_000_000, .max - 1, .max]
    let settings = Liveness.Settings(
        interval: input.choice(durations),
        timeout: input.choice(durations),
        timeToLive: UInt16(input.byte())
    )
    var now: Int64 = 1_000_000_000
    var heard = now
    var (awaitsPong, isSuspended) = (false, false)
    var liveness = Liveness(settings, at: now)
    while !input.rest.isEmpty {
        let step = input.byte()
        let amount = step >> 3
        switch step & 7 {
        case 0:
            let (later, isTooLate) = now.addingReportingOverflow(1 << (2 * Int64(amount)))
            now = isTooLate ? .max : later
        case 1:
            heard = now
            liveness.heard(at: now)
        case 2: liveness.pingLeft(at: now)
        case 3:
            liveness.pong(at: now)
            // It may have been for a PING that turned a time to live off.
            awaitsPong = liveness.awaitsPong
        case 4:
            isSuspended = true
            _ = liveness.suspend()
        case 5:
            if isSuspended { heard = now }
            isSuspended = false
            liveness.resume(at: now)
        case 6: liveness.peerTimeToLive = UInt16(amount) * 100
        default:
            let deadline = liveness.deadline
            if let deadline { now = max(now, deadline) }
            switch liveness.check(at: now) {
            case .nothing:
                if deadline != nil { return "nothing to do at the deadline" }
            case .ping:
                if awaitsPong || isSuspended { return "a PING \(isSuspended ? "while suspended" : "beside another")" }
                awaitsPong = true
            case .end:
                let timeToLive = liveness.peerTimeToLive == 0 ? Int64.max : Int64(liveness.peerTimeToLive) * 100_000_000
                let patience = min(timeToLive, awaitsPong ? settings.timeout : .max)
                // At the end of time, timeouts end as well.
                let (due, isNever) = heard.addingReportingOverflow(patience)
                if now < (isNever ? .max : due) { return "given up after \(now - heard) of \(patience) ns" }
                return nil
            }
        }
    }
    return nil
}
