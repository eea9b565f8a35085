import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Datagrams.md shows.
enum DatagramsPage {
    static func overview(_ reactor: Reactor, _ context: Context) throws {
        let dish = try DishSocket(on: reactor, in: context) { _, message in
            print("\(message[0]):", message[1].string)
        }
        try dish.join("weather")
        try dish.bind("udp://eth0;239.192.1.1:5558")

        let radio = try RadioSocket(on: reactor, in: context)
        try radio.connect("udp://eth0;239.192.1.1:5558")
        try radio.send("sunny", to: "weather")
    }
}
