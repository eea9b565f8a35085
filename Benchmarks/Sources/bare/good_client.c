// A well-behaved client: a DEALER with one request under way, without a library. Attacks affect it as they affect
// users.
#include "zmtp.h"

enum { BODY = 64, PATIENCE = 10 };

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 2, "<endpoint> <seconds>");
    int fd = connected(argv[1]);
    struct timeval patience = { .tv_sec = PATIENCE };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    shake_hands(fd, "DEALER", NULL);
    expect_handshake(fd);

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
