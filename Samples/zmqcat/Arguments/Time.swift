import ArgumentParser

/// A time on the command line: `250ms`, `2s`, or a bare number of milliseconds.
struct Time: Equatable, Sendable {
    let duration: Duration
    /// As it was written, with its unit.
    let text: String

    /// About thirty years: longer times could overflow.
    private static let longest = 1_000_000_000_000

    init?(_ text: String) {
        let unit = ["ms", "s"].first { text.hasSuffix($0) } ?? ""
        let digits = text.dropLast(unit.count)
        let factor = unit == "s" ? 1000 : 1
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(digits), number <= Self.longest / factor
        else { return nil }
        duration = .milliseconds(number * factor)
        self.text = unit.isEmpty ? text + "ms" : text
    }
}

extension Time: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
    var defaultValueDescription: String { text }
}
