// The most that one stream socket carries: blocking writes and reads of 64 KiB, or of one frame where that is more.
// Nothing is encoded for a message and nothing decoded; the frames are laid out once.
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
    size_t frame = frame_size(size), frames = frame < BUFFER ? BUFFER / frame : 1;
    unsigned char *buffer = malloc(frames * frame);
    for (size_t i = 0; i < frames; i++) write_frame(buffer + i * frame, size);
    for (uint64_t left = count * frame; left > 0;) {
        size_t length = left < frames * frame ? left : frames * frame;
        for (size_t done = 0; done < length;) {
            ssize_t n = write(fd, buffer + done, length - done);
            if (n < 0) bench_fail("write");
            done += (size_t)n;
        }
        left -= length;
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
