import ZMQReactor

/// One value of one sensor.
public struct Reading: Sendable, Equatable {
    public var sensor: String
    public var value: Double
    /// Milliseconds since 1970.
    public var time: Int64

    public init(sensor: String, value: Double, time: Int64) {
        self.sensor = sensor
        self.value = value
        self.time = time
    }

    /// Reads a message of three frames of text: sensor, value, time. Nil if it is not one: a sensor may send anything.
    init?(_ message: Message) {
        guard message.count == 3, let sensor = message.frame(0)?.string, !sensor.isEmpty, sensor.utf8.count <= 200,
            let value = message.frame(1).flatMap({ Double($0.string) }), value.isFinite,
            let time = message.frame(2).flatMap({ Int64($0.string) })
        else { return nil }
        self.init(sensor: sensor, value: value, time: time)
    }

    var message: Message { [Frame(sensor), Frame("\(value)"), Frame("\(time)")] }
}
