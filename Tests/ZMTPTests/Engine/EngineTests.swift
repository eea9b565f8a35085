import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct EngineTests {
    @Test("once failed, always failed") func failed() throws {
        var engine = Engine(.accepting(.pull))
        var bytes = Wire.greeting(mechanism: "PLAIN") + Wire.ready(.push)
        bytes.withUnsafeMutableBytes { buffer in
            for _ in 0..<3 {
                var input = Input(base: buffer.baseAddress!, end: buffer.count)
                let error = failure(&engine, &input)
                #expect(error?.code == .mechanismMismatch)
            }
        }
        #expect(engine.takeOutput() == Wire.greeting())
    }

    @Test("the reported minimum is exact") func minimum() {
        let handshake = Wire.greeting() + Wire.ready(.push)
        let message = Wire.message([[1, 2, 3], Wire.zeros(300)])
        let expected: [(Int, Int)] = [(0, 2), (1, 2), (2, 5), (4, 5), (5, 7), (6, 14), (13, 14), (14, 314), (313, 314)]
        for (count, minimum) in expected {
            var session = Session(.accepting(.pull))
            session.feed(handshake)
            session.transcript.largestMinimum = 0
            session.feed(message.prefix(count))
            let found = session.transcript.largestMinimum
            #expect(found == minimum, "with \(count) bytes")
        }
        #expect(transcript(.accepting(.pull), []).largestMinimum == 64)
        #expect(transcript(.accepting(.pull), Wire.greeting() + [4, 25]).largestMinimum == 27)
    }

    @Test("a REQ's message, golden") func request() {
        let found = traffic(hex("01 00 00 01 71"), to: .rep, from: .req)
        #expect(found.messages == [hex("01 00 00 01 71")])
    }

    private func failure(_ engine: inout Engine, _ input: inout Input) -> ProtocolError? {
        do {
            _ = try engine.next(&input, limit: 1)
            return nil
        } catch {
            return error
        }
    }
}
