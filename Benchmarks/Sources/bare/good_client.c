// A well-behaved client: a DEALER with one request under way, without a library. Attacks affect it as they affect
// users.
#include "zmtp.h"

enum { BODY = 64, PATIENCE = 10, RECONNECT_MS = 100 };

/// A connection behind its handshake. A server under attack may refuse it, for the number of new ones: like any client of
/// ZeroMQ, this one tries again.
static int introduced(const char *endpoint) {
    for (int attempt = 0; attempt < PATIENCE * 1000 / RECONNECT_MS; attempt++) {
        int fd = connected(endpoint);
        struct timeval patience = { .tv_sec = PATIENCE };
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        // Nothing that a peer of ZMTP 3.x sends would change what follows its greeting.
        unsigned char bytes[512];
        ssize_t size = (ssize_t)write_handshake(bytes, "DEALER", NULL);
        if (send(fd, bytes, size, MSG_NOSIGNAL) == size && read_handshake(fd)) return fd;
        close(fd);
        bench_sleep_ms(RECONNECT_MS);
    }
    bench_fail("no handshake");
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 2, "<endpoint> <seconds>");
    int fd = introduced(argv[1]);

    unsigned char request[2 + BODY], reply[sizeof request];
    write_frame(request, BODY);
    request[2] = 'q';
    bench_histogram *times = bench_histogram_new();
    uint64_t start = bench_now(), end = start + bench_number(argv[2]) * 1000000000;
    bool answered = true;
    for (uint64_t now = start; now < end && answered;) {
        answered = write(fd, request, sizeof request) == sizeof request && read_whole(fd, reply, sizeof reply)
            && memcmp(request, reply, sizeof reply) == 0;
        uint64_t then = now;
        now = bench_now();
        bench_record(times, now - then);
    }
    bench_report_begin("good_client", "remote");
    bench_report_count("requests", times->samples);
    bench_report_count("answered", answered);
    bench_report_number("per_second", times->samples / ((bench_now() - start) / 1e9));
    bench_report_number("p50_ms", bench_percentile(times, 50) / 1e6);
    bench_report_number("p99_ms", bench_percentile(times, 99) / 1e6);
    bench_report_number("max_ms", times->largest / 1e6);
    bench_report_end();
}
