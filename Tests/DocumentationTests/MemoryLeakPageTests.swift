import Testing
import ZMQReactorTestSupport

@Suite struct MemoryLeakPageTests {
    @Test("LEK-03: the page on memory leaks shows the command that Samples/run uses")
    func valgrind() throws {
        let page = try readFile(Project.file("Sources/ZMQReactor/Documentation.docc/MemoryLeaks.md"))
        let script = try readFile(Project.file("Samples/run"))
        for option in ["strip --strip-debug", "--leak-check=full", "--undef-value-errors=no", "valgrind.supp"] {
            #expect(page.contains(option) && script.contains(option), "\(option)")
        }
        let suppressions = try readFile(Project.file("Samples/valgrind.supp"))
        #expect(suppressions.contains("Memcheck:Leak") && !suppressions.contains("ZMQReactor"))
    }
}
