// The number of connections per second that are made, used for one request and reply, and closed; a number of them at a
// time.
#include "common.h"

static uint64_t drive(void *context, const char *endpoint, uint64_t parallel, uint64_t count) {
    void **dealers = calloc(parallel, sizeof(void *));
    zmq_msg_t reply;
    zmq_msg_init(&reply);
    uint64_t start = 0;
    // The first turn is not measured: the other process may not listen yet.
    for (uint64_t done = 0; done < parallel + count; done += parallel) {
        if (done == parallel) start = bench_now();
        for (uint64_t i = 0; i < parallel; i++) {
            dealers[i] = connected(context, ZMQ_DEALER, endpoint);
            send_new(dealers[i], 1);
        }
        for (uint64_t i = 0; i < parallel; i++) {
            receive_sized(dealers[i], &reply, 1);
            zmq_close(dealers[i]);
        }
    }
    uint64_t elapsed = bench_now() - start;
    zmq_ctx_term(context);
    return elapsed;
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 4, "local|remote <endpoint> <parallel> <count, a multiple of it>");
    bool local = bench_is_local(argv[1]);
    uint64_t parallel = bench_number(argv[3]), count = bench_number(argv[4]), elapsed = 0;
    void *context = new_context();
    if (local) {
        void *router = bound(context, ZMQ_ROUTER, argv[2]);
        route_back(router, parallel + count);
        finish(context, router);
    } else {
        elapsed = drive(context, argv[2], parallel, count);
    }
    bench_report_begin("connect_rate", argv[1]);
    bench_report_count("parallel", parallel);
    if (!local) bench_report_rate(count, elapsed);
    bench_report_end();
}
