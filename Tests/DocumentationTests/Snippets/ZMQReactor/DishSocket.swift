import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/DishSocket.md shows.
enum DishSocketPage {
    static func join(_ reactor: Reactor, _ context: Context) throws {
        let dish = try DishSocket(on: reactor, in: context) { _, message in
            print("\(message[0]):", message[1].string)
        }
        try dish.connect("tcp://localhost:5558")
        try dish.join("weather")
    }
}
