import Testing

@testable import ZMTP

@Suite struct EngineTests {
    @Test func handshakeAndMessagesOfOneRead() {
        let found = traffic(Wire.message("one") + Wire.message("two", "three"))
        #expect(found.peer?.socketType == .push)
        #expect(found.messages == [Wire.message("one"), Wire.message("two", "three")])
        #expect(found.runs == 1)
        #expect(found.output == Wire.greeting() + Wire.ready(.pull))
        #expect(found.failure == nil)
    }
}
