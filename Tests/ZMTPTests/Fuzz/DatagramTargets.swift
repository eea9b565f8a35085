import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMTP

/// Datagrams for groups: what is accepted has been sent in this form, and is delivered as a message of it.
///
/// Input: datagrams, each two bytes of size and its bytes.
let fuzzGroupDatagram: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    var writer = MessageWriter()
    var accepted: [(group: [UInt8], body: [UInt8])] = []
    while !input.rest.isEmpty {
        let size = Int(input.byte()) << 8 | Int(input.byte())
        let datagram = input.bytes(size)
        let fault = datagram.withUnsafeBytes { bytes -> String? in
            guard let content = try? GroupDatagram(bytes) else { return nil }
            let (group, body) = (Array(content.group), Array(content.body))
            if Group.fault(of: content.group) != nil { return "a group that is none" }
            if groupDatagram(group, body) != datagram { return "other bytes than have been sent" }
            if !writer.append(head: content.group, body: content.body) { return "no memory" }
            accepted.append((group, body))
            return nil
        }
        if let fault { return fault }
    }
    var number = 0
    for var batch in writer.takeBatches() {
        while let message = batch.next() {
            guard number < accepted.count else { return "a message too many" }
            if message.count != 2 { return "\(message.count) frames" }
            if Array(message[0]) != accepted[number].group || Array(message[1]) != accepted[number].body {
                return "message \(number) is another one"
            }
            number += 1
        }
    }
    return number == accepted.count ? nil : "\(number) of \(accepted.count) messages"
}
