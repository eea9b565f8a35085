import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/KeptSlices.md shows.
enum KeptSlicesPage {
    final class LatestPrices: SubHandler {
        private var prices: [String: Message] = [:]

        func socket(_ socket: SubSocket, received update: Message) {
            prices[update[0].string] = update.copy()
        }
    }

    static func lending(_ socket: PushSocket, _ buffer: UnsafeMutableRawBufferPointer) throws {
        nonisolated(unsafe) let memory = buffer
        let message = Message(lending: UnsafeRawBufferPointer(buffer)) { memory.deallocate() }
        if try socket.send(message) == .wouldBlock { print("no room: it is released with the message") }
    }
}
