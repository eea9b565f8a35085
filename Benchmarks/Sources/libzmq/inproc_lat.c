// REQ in one thread, REP in another.
#include "common.h"

static void *context;
static size_t size;
static uint64_t roundtrips;

static void *reply(void *unused) {
    void *socket = connected(context, ZMQ_REP, "inproc://lat");
    answer(socket, size, roundtrips);
    zmq_close(socket);
    return unused;
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 2, "<size> <roundtrips>");
    size = bench_number(argv[1]);
    roundtrips = bench_number(argv[2]);
    context = new_context();
    void *socket = bound(context, ZMQ_REQ, "inproc://lat");
    pthread_t thread;
    pthread_create(&thread, NULL, reply, NULL);
    bench_histogram *histogram = ask(socket, size, roundtrips);
    pthread_join(thread, NULL);
    finish(context, socket);
    bench_report_begin("inproc_lat", "both");
    bench_report_count("size", size);
    bench_report_count("count", roundtrips);
    bench_report_latency(histogram);
    bench_report_end();
}
