import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct Version2Tests {
    private func found(_ own: SocketType, _ type: UInt8, _ input: [UInt8] = [], identity: [UInt8] = []) -> Transcript {
        transcript(.accepting(own, legacy: true), Wire.greeting2(type: type, identity: identity) + input)
    }

    @Test("3.2: the codes of the types") func types() {
        let numbers: [(SocketType, UInt8)] = [
            (.pair, 0), (.pub, 1), (.sub, 2), (.req, 3), (.rep, 4), (.dealer, 5), (.router, 6), (.pull, 7), (.push, 8),
        ]
        for (type, number) in numbers {
            let own = type.compatibleTypes[0]
            let transcript = found(own, number)
            #expect(transcript.peer?.socketType == type && transcript.peer?.version == .v2_0)
            let code = transcript.output[11]
            #expect(numbers.contains { $0 == (own, code) })
        }
    }

    @Test("DEV-5: XPUB and XSUB are sent as PUB and SUB, and 9 and 10 are accepted for them") func extendedTypes() {
        #expect(found(.xsub, 9).peer?.socketType == .pub)
        #expect(found(.xpub, 10).peer?.socketType == .sub)
        #expect(found(.xpub, 2).output == Wire.signature() + [3, 1, 0, 0])
        #expect(found(.xsub, 1).output == Wire.signature() + [3, 2, 0, 0])
    }

    @Test(
        "DEV-6: wrong and unknown types are disconnected without an ERROR",
        arguments: [0, 1, 2, 3, 7, 9, 10, 11, 255]
    )
    func wrongTypes(type: Int) {
        let found = found(.pull, UInt8(type))
        #expect(found.failure?.code == .incompatibleSocketType)
        #expect(found.output == Wire.signature() + [3, 7, 0, 0])
    }

    @Test("identities of types that have one") func identities() {
        #expect(found(.router, 5, identity: [1, 2]).peer?.identity == [1, 2])
        #expect(found(.pull, 8, identity: [1, 2]).peer?.identity == [])
        #expect(found(.router, 3, identity: Wire.zeros(255)).peer?.identity.count == 255)
        let long = Wire.signature() + [1, 5] + Wire.frame(flags: 0, Wire.zeros(256))
        #expect(transcript(.accepting(.router, legacy: true), long).failure == .illegalFlags(2))
    }

    @Test("messages, and no commands") func traffic() {
        #expect(found(.pull, 8, hex("01 00 00 01 71")).messages == [hex("01 00 00 01 71")])
        for flags: UInt8 in [4, 6] {
            let command = Wire.frame(flags: flags, hex("05 48 45 4C 4C 4F"), long: flags & 2 != 0)
            #expect(found(.pull, 8, command).failure == .illegalFlags(flags))
        }
        #expect(found(.pull, 8, [8, 0]).failure == .illegalFlags(8))
    }

    @Test("S-6: subscriptions are messages, long from a topic of 255 bytes") func subscriptions() {
        var output: [UInt8] = []
        Subscription.subscribe.append(topic: [0x41], for: .v2_0, to: &output)
        Subscription.cancel.append(topic: Wire.zeros(255), for: .v2_0, to: &output)
        #expect(output == Wire.message([[1, 0x41]]) + Wire.message([Wire.zeros(256)]))
        #expect(found(.pub, 2, output).messages.count == 2)
    }
}
