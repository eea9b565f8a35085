// PULL: measures how many messages arrive per second.
#include "common.h"

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 3, "<bind-to> <size> <count>");
    size_t size = bench_number(argv[2]);
    uint64_t count = bench_number(argv[3]);
    void *context = new_context(), *socket = bound(context, ZMQ_PULL, argv[1]);
    uint64_t elapsed = receive_timed(socket, size, count);
    finish(context, socket);
    bench_report_begin("thr", "local");
    bench_report_count("size", size);
    bench_report_rate(count - 1, elapsed);
    bench_report_end();
}
