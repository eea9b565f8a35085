import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite struct DatagramEndTests {
    private func bytes(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { DatagramEnd(UnsafeRawBufferPointer($0)) }?.withFrame { Array($0) }
    }

    private func text(_ end: [UInt8]) -> String { end.withUnsafeBytes { DatagramEnd.text($0) } }

    @Test("DGM-1: an address is a frame of bytes that the system takes, and its text is the same again") func forms() {
        #expect(bytes("127.0.0.1:5555") == [1, 6, 127, 0, 0, 1, 0x15, 0xB3])
        #expect(bytes("255.255.255.255:65535") == [1, 6, 255, 255, 255, 255, 255, 255])
        let six = [UInt8](repeating: 0, count: 15) + [1]
        #expect(bytes("[::1]:1") == [1, 22] + six + [0, 1, 0, 0, 0, 0])
        for address in [
            "0.0.0.0:1", "127.0.0.1:5555", "10.20.30.40:65535", "[::1]:1", "[2001:db8::1]:5555", "[fe80::1%2]:80",
            "[fe80::1%4294967295]:65535", "[::ffff:1.2.3.4]:9",
        ] {
            #expect(bytes(address).map { text(Array($0.dropFirst(2))) } == address)
        }
        // libzmq's programs have a zero behind it.
        #expect(bytes("127.0.0.1:5555\0") == bytes("127.0.0.1:5555"))
        #expect(text([]) == "unknown" && text([1, 2, 3]) == "unknown")
    }

    @Test(
        "DGM-1: what is no numeric address with a port is refused",
        arguments: [
            "", ":", ":1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
            "127.0.0.1:99999999999999999999",
            "127.0.0.1:+1", "127.0.0.1: 1", "127.0.0:1", "127.0.0.1.1:1", "127.0.0.256:1", "127.0.0.01:1", "127..0.1:1",
            "localhost:1", "*:1", "::1:1", "[::1]1", "[::1:1", "[]:1", "[::1%]:1", "[::1%eth0]:1", "[::1%01]:1",
            "[::1%4294967296]:1", "[1.2.3.4]:1", "1.2.3.4:1\0\0", "1.2.3.4:1x", "tcp://1.2.3.4:1",
            String(repeating: "1", count: 100) + ":1",
        ]
    )
    func refused(address: String) { #expect(bytes(address) == nil) }

    @Test("UDP-6: one fault each second is reported, with the number of others") func faults() {
        var faults = DatagramFaults()
        let second: Int64 = 1_000_000_000
        #expect(faults.report(at: 5) == 0)
        #expect(faults.report(at: 6) == nil && faults.report(at: second) == nil)
        #expect(faults.report(at: second + 5) == 2)
        #expect(faults.report(at: 2 * second) == nil)
        #expect(faults.report(at: 100 * second) == 1)
        #expect(faults.report(at: 102 * second) == 0)
    }
}
