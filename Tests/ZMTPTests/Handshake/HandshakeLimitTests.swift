import Testing
import ZMQReactorTesting

@testable import ZMTP

/// The bytes of a handshake are limited as a whole, and so is the metadata in it.
@Suite struct HandshakeLimitTests {
    private func found(_ input: [UInt8], _ change: (inout Engine.Configuration) -> Void) -> Transcript {
        var configuration = Engine.Configuration.accepting(.pull)
        change(&configuration)
        return transcript(configuration, input)
    }

    @Test func theWholeHandshakeAtItsBorder() {
        let ready = Wire.ready(.push)
        let size = Greeting.size + ready.count
        #expect(found(Wire.greeting() + ready) { $0.maxHandshakeBytes = size }.failure == nil)
        let header = Wire.greeting() + ready.prefix(2)
        #expect(found(header) { $0.maxHandshakeBytes = size - 1 }.failure == .handshakeTooLarge(limit: size - 1))
    }

    @Test func claimedSizesDoNotWrapAround() {
        let header = [0x06] + Wire.bigEndian(.max, bytes: 8)
        #expect(found(Wire.greeting() + header) { $0.maxHandshakeBytes = 0 }.failure == .handshakeTooLarge(limit: 0))
        #expect(found(Wire.greeting() + header) { _ in }.failure?.code != nil)
    }

    @Test func aLargerHandshakeCommandIsNoLargerOneInTraffic() {
        let size = 100_000
        let ready = Wire.command("READY", Wire.property("Socket-Type", "PUSH") + Wire.property("X-a", Wire.zeros(size)))
        func found(_ input: [UInt8]) -> Transcript {
            self.found(Wire.greeting() + input) { ($0.maxHandshakeSize, $0.maxMessageSize) = (2 * size, 1) }
        }
        #expect(found(ready + Wire.message("m")).messages == [Wire.message("m")])
        let header = [0x06] + Wire.bigEndian(65_537, bytes: 8)
        #expect(found(ready + header).failure == .commandTooLarge(65_537, limit: 65_536))
    }

    @Test func metadataAtItsBoundary() {
        let ready = Wire.ready(.push)
        let size = ready.count - 2 - 6
        #expect(found(Wire.greeting() + ready) { $0.maxMetadataBytes = size }.failure == nil)
        let failure = found(Wire.greeting() + ready) { $0.maxMetadataBytes = size - 1 }.failure
        #expect(failure == .metadataTooLarge(size, limit: size - 1))
    }
}
