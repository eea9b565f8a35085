#define _GNU_SOURCE
#include "CBench.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

void bench_arguments(int argc, char *const *argv, int wanted, const char *usage) {
    if (argc == wanted + 1) return;
    fprintf(stderr, "usage: %s %s\n", argv[0], usage);
    exit(2);
}

uint64_t bench_number(const char *text) {
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != 0) {
        fprintf(stderr, "not a number: %s\n", text);
        exit(2);
    }
    return value;
}

bool bench_is_local(const char *role) {
    if (strcmp(role, "local") == 0) return true;
    if (strcmp(role, "remote") == 0) return false;
    fprintf(stderr, "neither local nor remote: %s\n", role);
    exit(2);
}

_Noreturn void bench_fail(const char *what) {
    perror(what);
    exit(1);
}

int64_t bench_busy_poll(void) {
    const char *text = getenv("BENCH_BUSY_POLL");
    return text == NULL ? -1 : (int64_t)bench_number(text);
}

uint64_t bench_io_threads(void) {
    const char *text = getenv("BENCH_IO_THREADS");
    return text == NULL ? 0 : bench_number(text);
}

uint64_t bench_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

double bench_cpu_seconds(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec)
        + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
}

uint64_t bench_resident_bytes(void) {
    malloc_trim(0);
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL) bench_fail("/proc/self/status");
    uint64_t kibibytes = 0;
    char line[256];
    while (fgets(line, sizeof line, status) != NULL && sscanf(line, "RssAnon: %" SCNu64, &kibibytes) != 1) {}
    fclose(status);
    return kibibytes * 1024;
}

void bench_allow_descriptors(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

void bench_sleep_ms(unsigned ms) {
    nanosleep(&(struct timespec) { ms / 1000, (long)(ms % 1000) * 1000000 }, NULL);
}

void bench_wrong_size(size_t size, size_t wanted) {
    fprintf(stderr, "a message of %zu bytes where %zu were expected\n", size, wanted);
    exit(1);
}

void bench_write_topic(void *text, uint32_t topic) {
    for (int i = BENCH_TOPIC - 1; i >= 0; i--, topic >>= 4) ((char *)text)[i] = "0123456789abcdef"[topic & 15];
}

uint32_t bench_random_topic(uint64_t *state, uint64_t subscriptions) {
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    return (uint32_t)((*state >> 32) * (2 * subscriptions) >> 32);
}

enum { STEPS = 1 << BENCH_STEP_BITS };

bench_histogram *bench_histogram_new(void) {
    bench_histogram *histogram = calloc(1, sizeof(bench_histogram));
    if (histogram == NULL) bench_fail("calloc");
    return histogram;
}

void bench_record(bench_histogram *histogram, uint64_t nanoseconds) {
    // Bucket 0 holds 0 ..< 2 * STEPS exactly; each further one the next power of two, in steps twice as wide.
    unsigned shift = nanoseconds < 2 * STEPS ? 0 : 63 - (unsigned)__builtin_clzll(nanoseconds) - BENCH_STEP_BITS;
    histogram->counts[(shift << BENCH_STEP_BITS) + (nanoseconds >> shift)] += 1;
    histogram->samples += 1;
    if (nanoseconds > histogram->largest) histogram->largest = nanoseconds;
}

uint64_t bench_percentile(const bench_histogram *histogram, double percent) {
    double exact = (double)histogram->samples * percent / 100;
    uint64_t wanted = (uint64_t)exact + ((double)(uint64_t)exact < exact), seen = 0;
    for (unsigned i = 0; i < BENCH_BUCKETS; i++) {
        seen += histogram->counts[i];
        if (seen < wanted || seen == 0) continue;
        unsigned shift = i < 2 * STEPS ? 0 : (i >> BENCH_STEP_BITS) - 1;
        uint64_t value = (((uint64_t)i - ((uint64_t)shift << BENCH_STEP_BITS) + 1) << shift) - 1;
        return value < histogram->largest ? value : histogram->largest;
    }
    return histogram->largest;
}

uint64_t bench_warm_up(uint64_t roundtrips) {
    return roundtrips / 10 < 1000 ? roundtrips / 10 : 1000;
}

void bench_report_begin(const char *workload, const char *end) {
    printf("{\"workload\": \"%s\", \"end\": \"%s\"", workload, end);
}

void bench_report_count(const char *key, uint64_t value) {
    printf(", \"%s\": %" PRIu64, key, value);
}

void bench_report_number(const char *key, double value) {
    printf(", \"%s\": %.9g", key, value);
}

void bench_report_rate(uint64_t count, uint64_t nanoseconds) {
    double seconds = (double)(nanoseconds == 0 ? 1 : nanoseconds) * 1e-9;
    bench_report_count("count", count);
    bench_report_number("seconds", seconds);
    bench_report_number("messages_per_second", (double)count / seconds);
}

void bench_report_latency(const bench_histogram *roundtrips) {
    bench_report_count("samples", roundtrips->samples);
    bench_report_number("p50_us", (double)bench_percentile(roundtrips, 50) / 2e3);
    bench_report_number("p99_us", (double)bench_percentile(roundtrips, 99) / 2e3);
    bench_report_number("p99_9_us", (double)bench_percentile(roundtrips, 99.9) / 2e3);
    bench_report_number("max_us", (double)roundtrips->largest / 2e3);
}

void bench_report_end(void) {
    bench_report_number("cpu_seconds", bench_cpu_seconds());
    printf("}\n");
    fflush(stdout);
}

int bench_event_descriptor(bool readable) {
    int fd = eventfd(readable, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0) bench_fail("eventfd");
    return fd;
}

void bench_pass_event(int from, int to) {
    uint64_t value;
    if (read(from, &value, sizeof value) != sizeof value) bench_fail("read");
    if (write(to, &(uint64_t) { 1 }, sizeof value) != sizeof value) bench_fail("write");
}
