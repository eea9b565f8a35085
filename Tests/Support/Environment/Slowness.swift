import Glibc
public import Testing

/// How many times slower than usual this run is: `ZMQ_REACTOR_TEST_SLOWNESS`, which `Tests/run --sanitize` sets; 1
/// without.
///
/// The time limits of the test kit scale with it. A test that measures time itself multiplies its limits.
public let slowness = getenv("ZMQ_REACTOR_TEST_SLOWNESS").flatMap { Int(String(cString: $0)) } ?? 1

extension Trait where Self == TimeLimitTrait {
    /// A limit that no test of a suite reaches unless it hangs. All tests of a run start at the same time, so it
    /// applies to the run, too.
    public static var hangLimit: Self { .timeLimit(.minutes(5 * slowness)) }
}
