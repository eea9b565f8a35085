/// Where readings are kept. The service uses ``SQLiteStore``; the tests of the server, one in memory.
public protocol ReadingStore: Sendable {
    /// Stores readings, all or none of them.
    func add(_ readings: [Reading]) async throws

    /// The latest reading of a sensor.
    func latest(of sensor: String) async throws -> Reading?

    /// What a sensor has measured from `time` on, in milliseconds since 1970; nil if that is nothing.
    func summary(of sensor: String, since time: Int64) async throws -> Summary?
}

/// The readings of a sensor over some time.
public struct Summary: Sendable, Equatable {
    public var count: Int
    public var minimum: Double
    public var average: Double
    public var maximum: Double

    public init(count: Int, minimum: Double, average: Double, maximum: Double) {
        self.count = count
        self.minimum = minimum
        self.average = average
        self.maximum = maximum
    }
}
