import Foundation
import Synchronization
import ZMQReactorTesting

/// What a browser has received.
struct Answer {
    let status: Int
    private let fields: [String: String]
    let body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }

    init(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { throw TestFailure("no answer: \(text)") }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count > 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw TestFailure("no status: \(lines[0])")
        }
        self.status = status
        let pairs = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces))
        }
        fields = Dictionary(pairs) { first, _ in first }
        body = Array(bytes.dropFirst(text[..<end.upperBound].utf8.count))
    }

    subscript(name: String) -> String? { fields[name] }

    /// The value of JSON in the body.
    func json() throws -> Value { Value(try JSONSerialization.jsonObject(with: Data(body))) }
}

/// A value of JSON, read by another implementation.
struct Value {
    let any: Any?
    init(_ any: Any?) { self.any = any }

    subscript(name: String) -> Value { Value((any as? [String: Any])?[name]) }
    subscript(index: Int) -> Value {
        let all = any as? [Any] ?? []
        return Value(all.indices.contains(index) ? all[index] : nil)
    }
    var all: [Value] { (any as? [Any] ?? []).map { Value($0) } }
    var int: Int? { any as? Int }
    var double: Double? { any as? Double }
    var string: String? { any as? String }
    var bool: Bool? { any as? Bool }
    var names: [String] { (any as? [String: Any] ?? [:]).keys.sorted() }
    var isNull: Bool { any is NSNull }
}

/// Is set by any thread.
final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
