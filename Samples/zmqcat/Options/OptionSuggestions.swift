/// What may have been meant by an unknown option name.
///
/// It only ever names what is in the tables: an unknown name may be a secret in the wrong place.
enum OptionSuggestions {
    /// The end of an error message: `, did you mean …?`, or nothing.
    static func hint(for name: some StringProtocol) -> String {
        let found = nearest(to: String(name))
        guard let last = found.last else { return "" }
        let list = found.count == 1 ? last : found.dropLast().joined(separator: ", ") + " or " + last
        return ": did you mean \(list)?"
    }

    /// The options with the most similar names, at most three; what is called so in libzmq comes alone.
    static func nearest(to name: String) -> [String] {
        let word = letters(name)
        guard !word.isEmpty else { return [] }
        let libzmq = LibzmqNames.options + LibzmqNames.arguments
        if let exact = libzmq.first(where: { letters($0.libzmq) == word }) { return [exact.here] }
        let rows = SocketSetting.all.flatMap { [(letters($0.name), $0.name), (letters($0.property), $0.name)] }
        if let exact = rows.first(where: { $0.0 == word }) { return [exact.1] }
        let candidates = rows + libzmq.map { (letters($0.libzmq), $0.here) }
        let limit = max(1, word.count / 4)
        var distances: [String: Int] = [:]
        for (letters, here) in candidates {
            // Half a name, such as "keepalive", counts as one letter.
            let distance = word.count >= 4 && letters.contains(word) ? 1 : distance(word, letters)
            if distance <= limit { distances[here] = min(distance, distances[here] ?? .max) }
        }
        let best = distances.values.min()
        return distances.filter { $0.value == best }.map(\.key).sorted()
            .prefix(3).map(\.self)
    }

    /// Whether it is the name of an option, here or in libzmq, however it is written.
    static func isName(_ name: some StringProtocol) -> Bool {
        let word = letters(String(name))
        return (LibzmqNames.options + LibzmqNames.arguments).contains { letters($0.libzmq) == word }
            || SocketSetting.all.contains { letters($0.name) == word || letters($0.property) == word }
    }

    /// A name without `ZMQ_` and what separates its words.
    private static func letters(_ name: String) -> [UInt8] {
        let lower = name.lowercased()
        let isPrefixed = lower.hasPrefix("zmq_") || lower.hasPrefix("zmq-")
        return lower.dropFirst(isPrefixed ? 4 : 0).prefix(64).utf8.filter { !"-_. ".utf8.contains($0) }
    }

    /// How many letters must be added, removed or replaced, or exchanged with their neighbour.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var (beforeLast, last) = ([Int](), Array(0...other.count))
        for (row, letter) in one.enumerated() {
            var line = [row + 1]
            for (column, candidate) in other.enumerated() {
                var least = min(last[column + 1], line[column]) + 1
                least = min(least, last[column] + (letter == candidate ? 0 : 1))
                if row > 0, column > 0, letter == other[column - 1], one[row - 1] == candidate {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                line.append(least)
            }
            (beforeLast, last) = (last, line)
        }
        return last[other.count]
    }
}
