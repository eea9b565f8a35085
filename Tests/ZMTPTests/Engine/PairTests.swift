import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct PairTests {
    /// Connects two engines until neither has more output.
    private func join(
        _ one: SocketType,
        _ other: SocketType,
        legacy: (Bool, Bool) = (false, false)
    ) -> (Transcript, Transcript) {
        var connecting = Session(.connecting(one, identity: [1], legacy: legacy.0))
        var accepting = Session(.accepting(other, identity: [2], legacy: legacy.1))
        ZMTPTests.join(&connecting, &accepting)
        return (connecting.transcript, accepting.transcript)
    }

    @Test("5.1: legal pairs complete, either side connecting", arguments: SocketType.allCases)
    func legal(one: SocketType) {
        for other in one.compatibleTypes {
            let (connecting, accepting) = join(one, other)
            #expect(connecting.items.count == 1 && accepting.items.count == 1)
            #expect(connecting.peer?.socketType == other)
            #expect(accepting.peer?.socketType == one)
            #expect(connecting.peer?.identity == (other.announcesIdentity ? [2] : []))
            #expect(accepting.peer?.identity == (one.announcesIdentity ? [1] : []))
            #expect(connecting.peer?.version == .v3_1 && accepting.peer?.version == .v3_1)
        }
    }

    @Test(
        "D-5: current peers agree on 3.x, whichever side accepts older ones",
        arguments: [(true, false), (false, true), (true, true)]
    )
    func ladders(legacy: (Bool, Bool)) {
        let (connecting, accepting) = join(.dealer, .router, legacy: legacy)
        #expect(connecting.items.count == 1 && accepting.items.count == 1)
        #expect(connecting.peer?.version == .v3_1 && accepting.peer?.version == .v3_1)
        #expect(connecting.peer?.identity == [2] && accepting.peer?.identity == [1])
    }

    @Test("N-5: illegal pairs end with ERROR, either side connecting", arguments: SocketType.allCases)
    func illegal(one: SocketType) {
        for other in SocketType.allCases where !SocketTypeTests.isLegal(one, other) {
            let (connecting, accepting) = join(one, other)
            let error = ProtocolError.incompatible(one, with: other)
            #expect(accepting.items == [.failure(error)])
            #expect(accepting.output == Wire.greeting() + Wire.error(error.message))
            #expect(connecting.items == [.failure(.refused(reason: error.message))])
        }
    }

    @Test("N-5: the connecting side detects a wrong type, too, and sends ERROR") func symmetricPeer() {
        // DEV-13: libzmq sends READY without waiting, bound or not.
        for minor: UInt8 in [0, 1] {
            let found = transcript(.connecting(.push), Wire.greeting(minor: minor) + Wire.ready(.pub))
            let error = ProtocolError.incompatible(.pub, with: .push)
            #expect(found.items == [.failure(error)])
            #expect(found.output == Wire.greeting() + Wire.ready(.push) + Wire.error(error.message))
        }
    }
}
