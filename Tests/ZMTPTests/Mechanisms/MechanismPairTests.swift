import Testing
import ZMQReactorTesting

@testable import ZMTP

/// Every mechanism against every other, either side connecting.
@Suite struct MechanismPairTests {
    struct Side: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let mechanism: Mechanism
        /// The sides with which it completes a handshake.
        let partners: [String]
    }

    static let sides: [Side] = {
        var sides = [
            Side(testDescription: "null", mechanism: .null, partners: ["null", "authenticated null"]),
            Side(
                testDescription: "authenticated null",
                mechanism: .authenticatedNull,
                partners: ["null", "authenticated null"]
            ),
            Side(
                testDescription: "plain client",
                mechanism: .plainClient(Example.credentials),
                partners: ["plain server"]
            ),
            Side(testDescription: "plain server", mechanism: .plainServer, partners: ["plain client"]),
        ]
        #if Curve
            sides += [
                Side(
                    testDescription: "curve client",
                    mechanism: CurveExample.client(),
                    partners: ["curve server"]
                ),
                Side(
                    testDescription: "curve server",
                    mechanism: CurveExample.server(),
                    partners: ["curve client"]
                ),
            ]
        #endif
        return sides
    }()

    @Test("G-8, P-1: mechanisms and roles that match, and no others", arguments: sides, sides)
    func pairs(one: Side, other: Side) {
        let isLegal = one.partners.contains(other.testDescription)
        for legacy in [false, true] {
            var connecting = Session(.connecting(.dealer, identity: [1], legacy: legacy, one.mechanism))
            var accepting = Session(.accepting(.router, identity: [2], legacy: !legacy, other.mechanism))
            join(&connecting, &accepting)
            #expect((connecting.transcript.peer != nil) == isLegal)
            #expect((accepting.transcript.peer != nil) == isLegal)
            guard isLegal else { continue }
            #expect(connecting.transcript.peer?.identity == [2] && accepting.transcript.peer?.identity == [1])
            let frames = Wire.message("a", "", "b") + Wire.ping("p") + Wire.message([Wire.zeros(70_000)])
            accepting.feed(connecting.send(frames))
            connecting.feed(accepting.send(frames))
            let expected = [Wire.message("a", "", "b"), Wire.message([Wire.zeros(70_000)])]
            #expect(accepting.transcript.messages == expected)
            #expect(connecting.transcript.messages == expected)
            #expect(accepting.transcript.failure == nil && connecting.transcript.failure == nil)
        }
    }

    @Test("5.1: legal pairs of socket types over every mechanism", arguments: SocketType.allCases)
    func types(type: SocketType) {
        for peer in type.compatibleTypes {
            for one in Self.sides {
                for other in Self.sides where one.partners.contains(other.testDescription) {
                    var connecting = Session(.connecting(type, one.mechanism))
                    var accepting = Session(.accepting(peer, other.mechanism))
                    join(&connecting, &accepting)
                    #expect(connecting.transcript.peer?.socketType == peer)
                    #expect(accepting.transcript.peer?.socketType == type)
                }
            }
        }
    }

    @Test("N-5: illegal pairs end over every mechanism") func illegalTypes() {
        for one in Self.sides {
            for other in Self.sides where one.partners.contains(other.testDescription) {
                var connecting = Session(.connecting(.push, one.mechanism))
                var accepting = Session(.accepting(.pub, other.mechanism))
                join(&connecting, &accepting)
                #expect(connecting.transcript.peer == nil && accepting.transcript.peer == nil)
                let codes = [connecting.transcript.failure?.code, accepting.transcript.failure?.code]
                #expect(codes.contains(.incompatibleSocketType))
            }
        }
    }
}
