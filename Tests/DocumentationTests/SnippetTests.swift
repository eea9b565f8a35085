import Foundation
import Testing
import ZMQReactorTestSupport

/// All documented code is compiled: every Swift block in README.md and in the DocC pages is contained, line by line, in
/// `Snippets/`.
@Suite struct SnippetTests {
    private static let pages =
        ["README.md"]
        + files(in: "Sources/ZMQReactor/Documentation.docc", ending: ".md")
        + files(in: "Sources/EventReactor/Documentation.docc", ending: ".md")
        + files(in: "Sources/ZMQReactorStatus/Documentation.docc", ending: ".md")
        + files(in: "Sources/ZMQReactorTesting/Documentation.docc", ending: ".md")

    private static let compiled = files(in: "Tests/DocumentationTests/Snippets", ending: ".swift").map {
        "\n" + ((try? meaning(of: lines(in: $0))) ?? "") + "\n"
    }

    @Test("every block is compiled", arguments: pages)
    func blocks(page: String) throws {
        for block in try Self.blocks(in: page) {
            let text = Self.meaning(of: block)
            #expect(
                Self.compiled.contains { $0.contains("\n\(text)\n") },
                "\(page): not in Tests/DocumentationTests/Snippets:\n\(block.joined(separator: "\n"))"
            )
        }
    }

    @Test("there are pages, and README.md shows a whole program on one screen")
    func examples() throws {
        #expect(Self.pages.count > 20)
        let first = try #require(try Self.blocks(in: "README.md").first)
        #expect(first.first == "import ZMQReactor" && first.count <= 30)
    }

    /// The Swift blocks.
    private static func blocks(in page: String) throws -> [[String]] {
        try lines(in: page).split(separator: "```swift").dropFirst().map { Array($0.prefix { $0 != "```" }) }
    }

    /// The lines without irrelevant differences: indentation, blank lines and imports.
    private static func meaning(of lines: [String]) -> String {
        lines.map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.hasPrefix("import ") }
            .joined(separator: "\n")
    }

    private static func lines(in path: String) throws -> [String] {
        try readFile(Project.file(path)).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func files(in directory: String, ending suffix: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: Project.file(directory))?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(suffix) }.sorted().map { "\(directory)/\($0)" }
    }
}
