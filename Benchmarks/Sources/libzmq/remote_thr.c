// PUSH: sends as fast as the high-water mark lets it.
#include "common.h"

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 3, "<connect-to> <size> <count>");
    size_t size = bench_number(argv[2]);
    uint64_t count = bench_number(argv[3]);
    void *context = new_context(), *socket = connected(context, ZMQ_PUSH, argv[1]);
    for (uint64_t i = 0; i < count; i++) send_new(socket, size);
    finish(context, socket);
    bench_report_begin("thr", "remote");
    bench_report_count("size", size);
    bench_report_count("count", count);
    bench_report_end();
}
