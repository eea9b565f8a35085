extension Metadata {
    /// The number of bytes on the wire.
    var encodedSize: Int { properties.reduce(0) { $0 + 1 + $1.name.utf8.count + 4 + $1.value.count } }

    /// Appends the properties to `output`.
    func append(to output: inout [UInt8]) {
        for property in properties {
            output.append(UInt8(property.name.utf8.count))
            output += Array(property.name.utf8)
            output.appendBigEndian(UInt32(property.value.count))
            output += property.value
        }
    }

    /// Reads what a peer sent.
    init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolError) {
        self.init()
        var seen: Set<String> = []
        var rest = bytes[...]
        while let nameSize = rest.popFirst() {
            guard nameSize > 0 else { throw .malformedMetadata("a property has no name") }
            let name = rest.prefix(Int(nameSize))
            rest = rest.dropFirst(Int(nameSize))
            guard name.count == Int(nameSize), rest.count >= 4 else { throw .malformedMetadata("it is cut short") }
            guard name.allSatisfy(Self.isLegal) else { throw .malformedMetadata("a name has illegal characters") }
            let valueSize = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard valueSize <= min(rest.count, Self.valueLimit) else { throw .malformedMetadata("it is cut short") }
            let text = String(decoding: name, as: UTF8.self)
            guard seen.insert(text.lowercased()).inserted else {
                throw .malformedMetadata("the property \(text) is there twice")
            }
            append(text, [UInt8](rest.prefix(valueSize)))
            rest = rest.dropFirst(valueSize)
        }
    }
}
