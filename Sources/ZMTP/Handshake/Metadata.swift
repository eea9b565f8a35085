// Properties that peers exchange in READY, INITIATE and ZAP replies.
//
//   MD-1  Names are compared case-insensitively, and sent as written here.
//   MD-2  A name has 1 to 255 of [A-Za-z0-9-_.+]; nothing may be truncated or left over.
//   MD-4  Names that begin with X- belong to applications; unknown ones are kept.
//   MD-5  A duplicate name is an error.

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

    /// The property that names the sender's socket type in every READY.
    package static let socketType = "Socket-Type"
    /// The property with the sender's identity, for ROUTER sockets.
    package static let identity = "Identity"

    /// The largest value.
    package static let valueLimit = Int(Int32.max)

    /// The properties, in their order on the wire.
    package internal(set) var properties: [Property] = []

    package init() {}

    /// The value of the property `name`, case-insensitively.
    package subscript(name: String) -> [UInt8]? {
        properties.first { Self.isSame($0.name, name) }?.value
    }

    /// Whether two names are equal, case-insensitively.
    static func isSame(_ name: String, _ other: String) -> Bool {
        guard name != other, name.utf8.count == other.utf8.count else { return name == other }
        return zip(name.utf8, other.utf8).allSatisfy { $0 == $1 || isLetter($0) && $0 ^ 0x20 == $1 }
    }

    /// Appends a property.
    ///
    /// - Precondition: the name is legal and the value is smaller than 2^31 bytes; check values from applications.
    package mutating func append(_ name: String, _ value: [UInt8]) {
        precondition(Self.isLegal(name: name), "'\(name)' is not a legal property name")
        precondition(value.count <= Self.valueLimit, "the value of '\(name)' is too large")
        properties.append(Property(name: name, value: value))
    }

    /// Whether `name` is a legal property name.
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
