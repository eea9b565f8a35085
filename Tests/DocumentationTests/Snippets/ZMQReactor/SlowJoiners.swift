import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/SlowJoiners.md shows.
enum SlowJoinersPage {
    static func waiting(_ updates: PubSocket) {
        updates.waitForSubscribers(10, within: .seconds(30)) { result in
            guard case .success = result else { return print("not all have subscribed") }
            // Always accepted: a subscriber without room misses an update.
            for number in 0..<1000 { _ = try? updates.send("update \(number)") }
        }
    }

    static func confirmed(_ subscriber: SubSocket) async throws {
        try subscriber.subscribe(to: "weather")
        try subscriber.connect("tcp://localhost:5556")
        try await subscriber.subscribed(within: .seconds(5))
    }
}
