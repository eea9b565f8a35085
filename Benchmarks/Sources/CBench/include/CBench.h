// The common part of all measuring programs: clock, arguments, latency recorder, memory, result line. A program prints
// exactly one line of JSON on standard output, at its end. README.md has the contract.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Arguments

/// Ends the program with `usage` on standard error unless there are exactly `wanted` arguments.
void bench_arguments(int argc, char *const *argv, int wanted, const char *usage);
/// Parses a decimal number, or ends the program.
uint64_t bench_number(const char *text);
/// Whether the argument is "local" (the end that binds) and not "remote" (the end that connects).
bool bench_is_local(const char *role);
/// Ends the program with `what` and errno's sentence on standard error.
_Noreturn void bench_fail(const char *what);
/// The microseconds to look for events before sleeping: BENCH_BUSY_POLL in the environment, 0 for none; negative for the default.
int64_t bench_busy_poll(void);

/// The number of I/O threads of the run's contexts, from the environment; 0 for none.
uint64_t bench_io_threads(void);

// MARK: The process

/// Nanoseconds on the monotonic clock.
uint64_t bench_now(void);
/// User and system time of all threads of this process so far.
double bench_cpu_seconds(void);
/// Bytes of anonymous memory resident now, after unused heap memory has been returned to the kernel.
uint64_t bench_resident_bytes(void);
/// Raises the soft limit of open descriptors to the hard one.
void bench_allow_descriptors(void);
/// The backlog of listening sockets. Clients that connect all at once and find no room retry a second later.
enum { BENCH_BACKLOG = 4096 };
void bench_sleep_ms(unsigned ms);

// MARK: Messages

/// Ends the program, because it has received a message of the wrong size.
_Noreturn void bench_wrong_size(size_t size, size_t wanted);
/// Every receiver checks the size of every message.
static inline void bench_expect_size(size_t size, size_t wanted) {
    if (size != wanted) bench_wrong_size(size, wanted);
}
/// Writes a topic: eight hexadecimal digits, without a terminator.
enum { BENCH_TOPIC = 8 };
void bench_write_topic(void *text, uint32_t topic);
/// A random topic below twice `subscriptions`: xorshift64, whose `state` starts at BENCH_SEED.
static const uint64_t BENCH_SEED = 88172645463325252;
uint32_t bench_random_topic(uint64_t *state, uint64_t subscriptions);

// MARK: Latency

/// Counts per bucket, as HdrHistogram does it: 256 linear steps within each power of two, so that a recorded value
/// is off by less than 0.4 %. Values are nanoseconds.
enum { BENCH_STEP_BITS = 8, BENCH_BUCKETS = (64 - BENCH_STEP_BITS + 1) << BENCH_STEP_BITS };
typedef struct bench_histogram {
    uint64_t samples, largest;
    uint64_t counts[BENCH_BUCKETS];
} bench_histogram;

bench_histogram *bench_histogram_new(void);
void bench_record(bench_histogram *histogram, uint64_t nanoseconds);
/// The smallest recorded value, in nanoseconds, that at least `percent` of the samples do not exceed.
uint64_t bench_percentile(const bench_histogram *histogram, double percent);
/// The number of first round trips that are not recorded: a tenth, at most a thousand.
uint64_t bench_warm_up(uint64_t roundtrips);

// MARK: The result line

/// Starts the line. `end` is "local", "remote" or "both".
void bench_report_begin(const char *workload, const char *end);
void bench_report_count(const char *key, uint64_t value);
void bench_report_number(const char *key, double value);
/// "count", "seconds" and "messages_per_second".
void bench_report_rate(uint64_t count, uint64_t nanoseconds);
/// Percentiles of half of each recorded round trip, in microseconds.
void bench_report_latency(const bench_histogram *roundtrips);
/// Adds "cpu_seconds" and ends the line.
void bench_report_end(void);

// MARK: Descriptors

/// A non-blocking event descriptor, readable at once or not; see eventfd(2).
int bench_event_descriptor(bool readable);
/// Consumes the event, and makes another descriptor readable.
void bench_pass_event(int from, int to);

// The keys of the rows with CURVE, in Z85: the examples of zmq_curve(7).
#define BENCH_SERVER_KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define BENCH_SERVER_SECRET "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
#define BENCH_CLIENT_KEY "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define BENCH_CLIENT_SECRET "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
#define BENCH_SERVER_KEY_BYTES                                                                                         \
    0x54, 0xfc, 0xba, 0x24, 0xe9, 0x32, 0x49, 0x96, 0x93, 0x16, 0xfb, 0x61, 0x7c, 0x87, 0x2b, 0xb0, 0xc1, 0xd1, 0xff,  \
        0x14, 0x80, 0x04, 0x27, 0xc5, 0x94, 0xcb, 0xfa, 0xcf, 0x1b, 0xc2, 0xd6, 0x52
