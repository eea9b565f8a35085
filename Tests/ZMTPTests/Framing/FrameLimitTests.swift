import Testing
import ZMQReactorTesting

@testable import ZMTP

/// F-5: the number of a message's frames is limited, in every version.
@Suite struct FrameLimitTests {
    private func found(_ input: [UInt8], maxFrames: Int, pieces: [Int] = [], handshake: [UInt8]? = nil) -> Transcript {
        var configuration = Engine.Configuration.accepting(.pull, legacy: handshake != nil)
        configuration.maxFrames = maxFrames
        let handshake = handshake ?? Wire.greeting() + Wire.ready(.push)
        return transcript(configuration, handshake + input, pieces: pieces.map { handshake.count + $0 })
    }

    @Test(arguments: [1, 2, 3, 100])
    func asManyAsAllowed(limit: Int) {
        let message = Wire.message([[UInt8]](repeating: [7], count: limit))
        let excess = Wire.message([[UInt8]](repeating: [7], count: limit + 1))
        for cut in 0..<message.count {
            let found = found(message + message + excess, maxFrames: limit, pieces: [cut])
            #expect(found.messages == [message, message])
            #expect(found.failure == .tooManyFrames(limit: limit))
        }
        for cut in 0..<excess.count { #expect(self.found(excess, maxFrames: limit, pieces: [cut]).messages == []) }
        // The header of the last allowed frame announces another one.
        #expect(found(Array(message.dropLast(3)) + [1], maxFrames: limit).failure == nil)
        #expect(found(Array(message.dropLast(3)) + [1, 7], maxFrames: limit).failure == .tooManyFrames(limit: limit))
    }

    @Test func framesOfOtherMessagesAndCommandsDoNotCount() {
        let ping = Wire.command("PING", [0, 0])
        let message = Wire.message("a", "b", "c")
        #expect(found(message + message + Wire.message("d"), maxFrames: 3).messages.count == 3)
        let mixed = [1, 1, 1] + ping + [1, 1, 2] + ping + ping + [0, 1, 3]
        #expect(found(mixed + mixed, maxFrames: 3).messages.count == 2)
        #expect(found([1, 1, 1] + ping + [1, 1, 2] + ping + [1, 1, 3], maxFrames: 3).failure?.code == .tooManyFrames)
    }

    @Test("in 2.0 and 1.0 as well") func legacyPeers() {
        let second = Wire.message([[UInt8]](repeating: [7], count: 3))
        let first = Wire.message1([[UInt8]](repeating: [7], count: 3))
        let versions = [(hex("FF 00 00 00 00 00 00 00 01 7F 01 08 00 00"), second), (hex("01 00"), first)]
        for (handshake, message) in versions {
            #expect(found(message + message, maxFrames: 3, handshake: handshake).messages.count == 2)
            let failed = found(message + message, maxFrames: 2, handshake: handshake)
            #expect(failed.failure == .tooManyFrames(limit: 2) && failed.messages == [])
        }
    }

    @Test func limitsOfBytesAndFramesBothApply() {
        var configuration = Engine.Configuration.accepting(.pull)
        (configuration.maxMessageSize, configuration.maxFrames) = (4, 2)
        let handshake = Wire.greeting() + Wire.ready(.push)
        #expect(transcript(configuration, handshake + Wire.message("ab", "cd")).messages.count == 1)
        let failure = transcript(configuration, handshake + Wire.message("ab", "cde")).failure
        #expect(failure == .messageTooLarge(limit: 4))
    }
}
