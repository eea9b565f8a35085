import TestSupport
import Testing

@Suite struct ReadmeExampleTests {
    @Test func theExampleIsWhatIsCompiled() throws {
        let compiled = try lines("Tests/ZMQReactorTests/ReadmeExample.swift")
        let body = compiled.drop { !$0.hasPrefix("func ") }.dropFirst().prefix { $0 != "}" }
        let example = try blocks(in: lines("README.md"))[0]
        #expect(example == ["import ZMQReactor", ""] + body.map { String($0.dropFirst($0.isEmpty ? 0 : 4)) })
        #expect(example.count <= 30)
    }

    @Test func soIsTheSecond() throws {
        let compiled = try lines("Tests/ZMQReactorTests/ReadmeExample.swift")
        let function = compiled.drop { !$0.hasPrefix("func work") }
        #expect(try blocks(in: lines("README.md"))[1] == Array(function.dropLast()))
    }

    /// The blocks of Swift.
    private func blocks(in lines: [String]) -> [[String]] {
        lines.split(separator: "```swift").dropFirst().map { Array($0.prefix { $0 != "```" }) }
    }

    private func lines(_ path: String) throws -> [String] {
        try readFile(Project.file(path)).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
