import Testing
import ZMTP

@testable import ZMQReactor

@Suite struct ConflatingSlotTests {
    @Test func aNewerMessageTakesThePlaceOfOneThatWasNotTaken() {
        let slot = ConflatingSlot()
        #expect(slot.take() == nil)
        #expect(!slot.replace(with: "1"))
        #expect(slot.replace(with: "2"))
        #expect(slot.take() == "2")
        #expect(slot.take() == nil)
        #expect(!slot.replace(with: "3"))
    }
}
