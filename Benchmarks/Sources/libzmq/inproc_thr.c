// PUSH in one thread, PULL in another.
#include "common.h"

static void *context;
static size_t size;
static uint64_t count;

static void *push(void *unused) {
    void *socket = connected(context, ZMQ_PUSH, "inproc://thr");
    for (uint64_t i = 0; i < count; i++) send_new(socket, size);
    zmq_close(socket);
    return unused;
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 2, "<size> <count>");
    size = bench_number(argv[1]);
    count = bench_number(argv[2]);
    context = new_context();
    void *socket = bound(context, ZMQ_PULL, "inproc://thr");
    pthread_t thread;
    pthread_create(&thread, NULL, push, NULL);
    uint64_t elapsed = receive_timed(socket, size, count);
    pthread_join(thread, NULL);
    finish(context, socket);
    bench_report_begin("inproc_thr", "both");
    bench_report_count("size", size);
    bench_report_rate(count - 1, elapsed);
    bench_report_end();
}
