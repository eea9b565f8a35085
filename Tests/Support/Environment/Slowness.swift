import Glibc
public import Testing

/// How many times slower than usual everything is in this run: `ZMQ_REACTOR_TEST_SLOWNESS`, which `Tests/run --sanitize` sets; 1
/// without.
///
/// The time limits of the test kit grow by themselves. A test that measures time by itself multiplies what it allows.
public let slowness = getenv("ZMQ_REACTOR_TEST_SLOWNESS").flatMap { Int(String(cString: $0)) } ?? 1

extension Trait where Self == TimeLimitTrait {
    /// What no test of a suite reaches unless it hangs. All tests of a run begin at the same time, so that it is the run's, too.
    public static var hangLimit: Self { .timeLimit(.minutes(5 * slowness)) }
}
