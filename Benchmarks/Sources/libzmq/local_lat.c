// REP: echoes requests.
#include "common.h"

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 3, "<bind-to> <size> <roundtrips>");
    size_t size = bench_number(argv[2]);
    uint64_t roundtrips = bench_number(argv[3]);
    void *context = new_context(), *socket = bound(context, ZMQ_REP, argv[1]);
    answer(socket, size, roundtrips);
    finish(context, socket);
    bench_report_begin("lat", "local");
    bench_report_count("size", size);
    bench_report_count("count", roundtrips);
    bench_report_end();
}
