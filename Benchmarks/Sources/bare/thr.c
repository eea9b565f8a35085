// The maximum that one stream socket carries: blocking writes and reads of 64 KiB, whatever the size of a frame.
// Nothing is encoded or decoded for a message; the frames are laid out once.
#include "common.h"

enum { BUFFER = 65536 };

static uint64_t receive_all(int fd, uint64_t total) {
    char *buffer = malloc(BUFFER);
    uint64_t start = 0;
    while (total > 0) {
        ssize_t n = read(fd, buffer, BUFFER);
        if (n <= 0) bench_fail("read");
        if (start == 0) start = bench_now();
        total -= (uint64_t)n;
    }
    return bench_now() - start;
}

static void send_all(int fd, size_t size, uint64_t count) {
    size_t frame = frame_size(size), frames = BUFFER / frame + 2;  // 64 KiB from anywhere in the first one
    unsigned char *buffer = malloc(frames * frame);
    for (size_t i = 0; i < frames; i++) write_frame(buffer + i * frame, size);
    for (uint64_t sent = 0, total = count * frame; sent < total;) {
        size_t length = total - sent < BUFFER ? total - sent : BUFFER;
        ssize_t n = write(fd, buffer + sent % frame, length);
        if (n < 0) bench_fail("write");
        sent += (uint64_t)n;
    }
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 4, "local|remote <endpoint> <size> <count>");
    bool local = bench_is_local(argv[1]);
    size_t size = bench_number(argv[3]);
    uint64_t count = bench_number(argv[4]), elapsed = 0;
    if (local) elapsed = receive_all(accepted(argv[2]), count * frame_size(size));
    else send_all(connected(argv[2]), size, count);
    bench_report_begin("thr", argv[1]);
    bench_report_count("size", size);
    if (local) bench_report_rate(count, elapsed);
    else bench_report_count("count", count);
    bench_report_end();
}
