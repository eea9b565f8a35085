// One publisher, many subscribers in another process; every message goes to all of them and none is dropped.
#include "common.h"

static void publish(void *context, const char *endpoint, size_t size, uint64_t subscribers, uint64_t count) {
    void *publisher = bound_publisher(context, endpoint);
    zmq_msg_t subscription;
    zmq_msg_init(&subscription);
    for (uint64_t i = 0; i < subscribers; i++) receive(publisher, &subscription);
    for (uint64_t i = 0; i < count; i++) send_new(publisher, size);
    finish(context, publisher);
}

static uint64_t start, received;

/// Receives all messages queued for one subscriber.
static void take(void *socket, size_t size) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (try_receive(socket, &message)) {
        if (received == 0) start = bench_now();
        expect_size(&message, size);
        received += 1;
    }
    zmq_msg_close(&message);
}

static uint64_t collect(void *context, const char *endpoint, size_t size, uint64_t subscribers, uint64_t count) {
    void **sockets = calloc(subscribers, sizeof(void *));
    int epoll = epoll_create1(0);
    for (uint32_t i = 0; i < subscribers; i++) {
        sockets[i] = connected(context, ZMQ_SUB, endpoint);
        check(zmq_setsockopt(sockets[i], ZMQ_SUBSCRIBE, "", 0), "ZMQ_SUBSCRIBE");
        watch(epoll, sockets[i], i);
    }
    for (uint64_t i = 0; i < subscribers; i++) take(sockets[i], size);
    struct epoll_event events[64];
    while (received < subscribers * count) {
        int ready = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < ready; i++) take(sockets[events[i].data.u32], size);
    }
    uint64_t elapsed = bench_now() - start;
    for (uint64_t i = 0; i < subscribers; i++) zmq_close(sockets[i]);
    zmq_ctx_term(context);
    return elapsed;
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 5, "local|remote <endpoint> <size> <subscribers> <count>");
    bool local = bench_is_local(argv[1]);
    size_t size = bench_number(argv[3]);
    uint64_t subscribers = bench_number(argv[4]), count = bench_number(argv[5]), elapsed = 0;
    if (local) publish(new_context(), argv[2], size, subscribers, count);
    else elapsed = collect(new_context(), argv[2], size, subscribers, count);
    bench_report_begin("fanout", argv[1]);
    bench_report_count("size", size);
    bench_report_count("subscribers", subscribers);
    if (!local) bench_report_rate(subscribers * count - 1, elapsed);
    bench_report_end();
}
