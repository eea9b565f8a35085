// REQ: the latency of a message one way.
#include "common.h"

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 3, "<connect-to> <size> <roundtrips>");
    size_t size = bench_number(argv[2]);
    uint64_t roundtrips = bench_number(argv[3]);
    void *context = new_context(), *socket = connected(context, ZMQ_REQ, argv[1]);
    bench_histogram *histogram = ask(socket, size, roundtrips);
    finish(context, socket);
    bench_report_begin("lat", "remote");
    bench_report_count("size", size);
    bench_report_count("count", roundtrips);
    bench_report_latency(histogram);
    bench_report_end();
}
