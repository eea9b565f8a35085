import Glibc
import ZMQReactorTestSupport

// The entry points of libFuzzer. `Tests/fuzz` builds this together with the targets of the suites.

private let target: FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    let all = FuzzTarget.zmtp + FuzzTarget.reactor
    guard let target = all.first(where: { $0.name == name }) else {
        fatalError("FUZZ_TARGET is '\(name)'; the targets are \(all.map(\.name).joined(separator: ", "))")
    }
    return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    let descriptor = lowestFreeDescriptor()
    if let fault = target.run(input) { fatalError(fault) }
    if lowestFreeDescriptor() != descriptor { fatalError("a descriptor is left open") }
    return 0
}

private func lowestFreeDescriptor() -> CInt {
    let descriptor = dup(STDERR_FILENO)
    close(descriptor)
    return descriptor
}

/// Queries of the script: the names of the targets, or the initial corpus.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafePointer<CInt>, _ arguments: UnsafeRawPointer) -> CInt {
    switch getenv("FUZZ_PRINT").map({ String(cString: $0) }) {
    case "targets": (FuzzTarget.zmtp + FuzzTarget.reactor).forEach { print($0.name) }
    case "sessions": Sessions.print()
    default: return 0
    }
    exit(0)
}
