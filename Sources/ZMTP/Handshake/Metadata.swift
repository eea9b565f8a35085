// Properties that peers tell each other in READY, INITIATE and ZAP replies.
//
//   MD-1  Names are compared without regard to case, and sent as they are written here.
//   MD-2  A name has 1 to 255 of [A-Za-z0-9-_.+]; nothing may be cut short or left over.
//   MD-4  Names beginning with X- belong to applications; unknown ones are kept.
//   MD-5  The same name twice is an error.

/// A list of named values.
package struct Metadata: Sendable, Equatable {
    /// One name and its value.
    package struct Property: Sendable, Equatable {
        package var name: String
        package var value: [UInt8]

        package init(name: String, value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// The property every READY names the sender's socket type in.
    package static let socketType = "Socket-Type"
    /// The property a peer names itself in, for ROUTER sockets.
    package static let identity = "Identity"

    /// The largest value.
    package static let valueLimit = Int(Int32.max)

    /// The properties, in their order on the wire.
    package internal(set) var properties: [Property] = []

    package init() {}

    /// The value called `name`, in whatever case.
    package subscript(name: String) -> [UInt8]? {
        properties.first { Self.isSame($0.name, name) }?.value
    }

    /// Whether two names differ in nothing but their case.
    static func isSame(_ name: String, _ other: String) -> Bool {
        guard name != other, name.utf8.count == other.utf8.count else { return name == other }
        return zip(name.utf8, other.utf8).allSatisfy { $0 == $1 || isLetter($0) && $0 ^ 0x20 == $1 }
    }

    /// Adds a property behind the others.
    ///
    /// - Precondition: the name is legal and the value has less than 2^31 bytes; check what comes from applications.
    package mutating func append(_ name: String, _ value: [UInt8]) {
        precondition(Self.isLegal(name: name), "'\(name)' is no name for a property")
        precondition(value.count <= Self.valueLimit, "The value of '\(name)' is too large")
        properties.append(Property(name: name, value: value))
    }

    /// Whether `name` can be a property's name.
    package static func isLegal(name: String) -> Bool {
        (1...255).contains(name.utf8.count) && name.utf8.allSatisfy(isLegal)
    }

    private static func isLetter(_ character: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character | 0x20)
    }

    static func isLegal(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }
}
