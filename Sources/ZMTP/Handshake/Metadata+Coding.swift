extension Metadata {
    /// The size on the wire, in bytes.
    var encodedSize: Int { properties.reduce(0) { $0 + 1 + $1.name.utf8.count + 4 + $1.value.count } }

    /// Appends the properties to `output`.
    func append(to output: inout [UInt8]) {
        for property in properties {
            output.append(UInt8(property.name.utf8.count))
            output += property.name.utf8
            output.appendBigEndian(UInt32(property.value.count))
            output += property.value
        }
    }

    /// Parses the properties that a peer sent.
    init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolError) {
        self.init()
        var start = 0
        func take(_ count: Int) throws(ProtocolError) -> UnsafeRawBufferPointer {
            guard count <= bytes.count - start else { throw .malformedMetadata("truncated") }
            defer { start += count }
            return UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
        }
        while start < bytes.count {
            let nameSize = Int(bytes[start])
            start += 1
            guard nameSize > 0 else { throw .malformedMetadata("a property without a name") }
            let name = try take(nameSize)
            guard name.allSatisfy(Self.isLegal) else { throw .malformedMetadata("a name with illegal characters") }
            let valueSize = UInt32(bigEndian: try take(4).loadUnaligned(as: UInt32.self))
            guard valueSize <= Self.valueLimit else { throw .malformedMetadata("truncated") }
            let value = [UInt8](try take(Int(valueSize)))
            properties.append(Property(name: String(decoding: name, as: UTF8.self), value: value))
        }
        if let name = repeatedName { throw .malformedMetadata("duplicate property \(name)") }
    }

    /// A name that occurs twice. Few properties are compared pairwise, so that the usual two cost nothing; many are
    /// looked up, so that a peer that sends the maximum does not cost more.
    private var repeatedName: String? {
        guard properties.count > 8 else {
            return properties.indices.first { index in
                properties[..<index].contains { Self.isSame($0.name, properties[index].name) }
            }.map { properties[$0].name }
        }
        var seen: Set<String> = []
        return properties.first { !seen.insert($0.name.lowercased()).inserted }?.name
    }
}

extension Metadata {
    /// The values by name, in lower case.
    package var dictionary: [String: [UInt8]] {
        Dictionary(properties.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}
