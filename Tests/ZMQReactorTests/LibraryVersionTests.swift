import Testing
import ZMQReactor

@Suite struct LibraryVersionTests {
    @Test("the version is three numbers that can be compared")
    func threeNumbers() {
        let version = LibraryVersion.current
        #expect("\(version)" == "\(version.major).\(version.minor).\(version.patch)")
        #expect(!(version < version))
    }
}
