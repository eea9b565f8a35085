// The minimal one-way latency of a message through an event loop: epoll_wait, one read, one write at either end.
#include "common.h"

#include <poll.h>

static int epoll;

static void receive(int fd, unsigned char *buffer, size_t length) {
    while (length > 0) {
        struct epoll_event event;
        if (epoll_wait(epoll, &event, 1, -1) != 1) bench_fail("epoll_wait");
        ssize_t n = read(fd, buffer, length);
        if (n == 0 || (n < 0 && errno != EAGAIN)) bench_fail("read");
        if (n > 0) length -= (size_t)n;
    }
}

static void send_whole(int fd, const unsigned char *buffer, size_t length) {
    while (length > 0) {
        ssize_t n = write(fd, buffer, length);
        if (n > 0) buffer += n, length -= (size_t)n;
        else if (errno == EAGAIN) poll(&(struct pollfd) { fd, POLLOUT, 0 }, 1, -1);
        else bench_fail("write");
    }
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 4, "local|remote <endpoint> <size> <roundtrips>");
    bool local = bench_is_local(argv[1]);
    size_t size = bench_number(argv[3]), frame = frame_size(size);
    uint64_t roundtrips = bench_number(argv[4]), warm_up = bench_warm_up(roundtrips);
    unsigned char *buffer = malloc(frame);
    write_frame(buffer, size);
    bench_histogram *histogram = bench_histogram_new();
    int fd = local ? accepted(argv[2]) : connected(argv[2]);
    epoll = epoll_create1(0);
    watch(epoll, fd, 0);
    for (uint64_t i = 0; i < warm_up + roundtrips; i++) {
        uint64_t start = bench_now();
        if (!local) send_whole(fd, buffer, frame);
        receive(fd, buffer, frame);
        if (local) send_whole(fd, buffer, frame);
        else if (i >= warm_up) bench_record(histogram, bench_now() - start);
    }
    bench_report_begin("lat", argv[1]);
    bench_report_count("size", size);
    bench_report_count("count", roundtrips);
    if (!local) bench_report_latency(histogram);
    bench_report_end();
}
