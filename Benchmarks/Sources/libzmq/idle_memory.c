// What a connection that carried one request and one reply, and is now idle, costs a ROUTER.
#include "common.h"

static uint64_t serve(void *context, const char *endpoint, uint64_t connections) {
    void *router = bound(context, ZMQ_ROUTER, endpoint);
    // The clients wait for this reply, before which the memory is measured, and then connect the others.
    zmq_msg_t peer, body;
    zmq_msg_init(&peer), zmq_msg_init(&body);
    receive(router, &peer);
    receive(router, &body);
    bench_sleep_ms(100);
    uint64_t before = bench_resident_bytes();
    check(zmq_msg_send(&peer, router, ZMQ_SNDMORE), "zmq_msg_send");
    check(zmq_msg_send(&body, router, 0), "zmq_msg_send");
    route_back(router, connections);
    bench_sleep_ms(300);
    uint64_t after = bench_resident_bytes();
    route_back(router, 1);  // after which the clients end
    finish(context, router);
    return after > before ? after - before : 0;
}

static void drive(void *context, const char *endpoint, uint64_t connections) {
    void **dealers = calloc(connections + 1, sizeof(void *));
    zmq_msg_t reply;
    zmq_msg_init(&reply);
    for (uint64_t i = 0; i <= connections; i++) {
        dealers[i] = connected(context, ZMQ_DEALER, endpoint);
        send_new(dealers[i], 1);
        if (i == 0) receive_sized(dealers[0], &reply, 1);
    }
    for (uint64_t i = 1; i <= connections; i++) receive_sized(dealers[i], &reply, 1);
    send_new(dealers[0], 1);
    receive_sized(dealers[0], &reply, 1);
    for (uint64_t i = 0; i <= connections; i++) zmq_close(dealers[i]);
    zmq_ctx_term(context);
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 3, "local|remote <endpoint> <connections>");
    bool local = bench_is_local(argv[1]);
    uint64_t connections = bench_number(argv[3]), bytes = 0;
    if (local) bytes = serve(new_context(), argv[2], connections);
    else drive(new_context(), argv[2], connections);
    bench_report_begin("idle_memory", argv[1]);
    bench_report_count("connections", connections);
    if (local) bench_report_number("bytes_per_connection", (double)bytes / (double)connections);
    bench_report_end();
}
