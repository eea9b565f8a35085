import Testing
import ZMQReactorTesting

@testable import ZMTP

/// NULL, where the application decides which peers may connect.
@Suite struct NullAuthenticationTests {
    private func found(_ minor: UInt8, verdict: Verdict?) -> Transcript {
        transcript(
            .accepting(.pull, .authenticatedNull),
            Wire.greeting(minor: minor) + Wire.ready(.push) + Wire.message("m"),
            verdict: verdict
        )
    }

    @Test("Z-7: the application decides when READY has arrived") func decision() {
        for minor: UInt8 in [0, 1] {
            let undecided = found(minor, verdict: nil)
            #expect(undecided.credentials == .null && undecided.items.count == 1)
            // N-1: to a 3.0 peer, READY has been sent.
            let early = minor == 0 ? Wire.ready(.pull) : []
            #expect(undecided.output == Wire.greeting() + early)
            let accepted = found(minor, verdict: .accepted(Acceptance(userID: "u")))
            #expect(accepted.output == Wire.greeting() + Wire.ready(.pull))
            #expect(accepted.peer?.acceptance?.userID == "u")
            #expect(accepted.messages == [Wire.message("m")])
            let refused = found(minor, verdict: .refused(.denied))
            #expect(refused.output == Wire.greeting() + early + Wire.error("400"))
            #expect(refused.failure?.code == .notAuthenticated && refused.messages.isEmpty)
        }
    }

    @Test("Z-7: two sides that both decide do not wait for each other") func both() {
        var one = Session(.connecting(.dealer, .authenticatedNull))
        var other = Session(.accepting(.router, .authenticatedNull))
        join(&one, &other)
        #expect(one.transcript.peer != nil && other.transcript.peer != nil)
    }
}
