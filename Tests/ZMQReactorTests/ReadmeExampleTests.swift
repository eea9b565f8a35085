import TestSupport
import Testing

@Suite struct ReadmeExampleTests {
    @Test func theExampleIsWhatIsCompiled() throws {
        let compiled = try lines("Tests/ZMQReactorTests/ReadmeExample.swift")
        let body = compiled.drop { !$0.hasPrefix("func ") }.dropFirst().prefix { $0 != "}" }
        let example = try block(in: lines("README.md"))
        #expect(example == ["import ZMQReactor", ""] + body.map { String($0.dropFirst($0.isEmpty ? 0 : 4)) })
        #expect(example.count <= 30)
    }

    /// The first block of Swift.
    private func block(in lines: [String]) -> [String] {
        Array(lines.drop { $0 != "```swift" }.dropFirst().prefix { $0 != "```" })
    }

    private func lines(_ path: String) throws -> [String] {
        try readFile(Project.file(path)).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
