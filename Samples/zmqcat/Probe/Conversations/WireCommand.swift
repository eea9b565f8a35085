/// A command of ZMTP 3.x: a name, and data.
struct WireCommand: Equatable {
    let name: String
    let data: [UInt8]

    init(_ name: String, _ data: [UInt8] = []) {
        self.name = name
        self.data = data
    }

    /// A command with its name's length in front; nil if it is none.
    init?(_ body: ArraySlice<UInt8>) {
        guard let length = body.first, length > 0, body.count > Int(length) else { return nil }
        name = TextLines.printable(body.dropFirst().prefix(Int(length)))
        data = Array(body.dropFirst(1 + Int(length)))
    }

    /// READY of a socket of this type.
    static func ready(_ type: String) -> WireCommand {
        var data: [UInt8] = []
        for (name, value) in [("Socket-Type", type), ("Identity", "")] {
            data.append(UInt8(name.utf8.count))
            data += name.utf8
            data += [0, 0, 0, UInt8(value.utf8.count)] + value.utf8
        }
        return WireCommand("READY", data)
    }

    var body: [UInt8] { [UInt8(name.utf8.count)] + name.utf8 + data }

    /// The properties of a READY; nil if they are malformed.
    var properties: [(name: String, value: [UInt8])]? {
        var properties: [(name: String, value: [UInt8])] = []
        var rest = data[...]
        while let length = rest.popFirst() {
            guard rest.count >= Int(length) + 4 else { return nil }
            let name = TextLines.printable(rest.prefix(Int(length)))
            rest = rest.dropFirst(Int(length))
            let size = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard rest.count >= size else { return nil }
            properties.append((name, Array(rest.prefix(size))))
            rest = rest.dropFirst(size)
        }
        return properties
    }

    /// The reason of an ERROR.
    var reason: String { TextLines.printable(data.dropFirst().prefix(Int(data.first ?? 0))) }
}
