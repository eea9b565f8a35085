import Testing
import ZMQReactorTestSupport

struct BytesTests {
    @Test func checksumIsTheWellKnownOne() {
        #expect(crc32(Array("123456789".utf8)) == 0xcbf4_3926)
    }

    @Test func hexadecimalRoundTrip() {
        #expect(hexadecimal([0, 0x7f, 0xff]) == "007fff")
        #expect(bytes(hexadecimal: "00 7f FF") == [0, 0x7f, 0xff])
    }

    @Test func numberedMessagesRoundTrip() {
        let message = NumberedMessage(stream: 7, number: 1 << 40)
        #expect(message.bytes(size: 64).count == 64)
        #expect(NumberedMessage(message.bytes(size: 64)) == message)
        #expect(NumberedMessage([1, 2, 3]) == nil)
    }

    @Test func patternsDependOnSizeAndSeed() {
        #expect(Pattern.bytes(200_000).count == 200_000)
        #expect(Pattern.bytes(100, seed: 1) != Pattern.bytes(100, seed: 2))
        #expect(Pattern.bytes(100, seed: 1) == Array(Pattern.bytes(200_000, seed: 1).prefix(100)))
    }
}
