// A ROUTER that replies, and many DEALERs in another process, each with one request under way.
#include "common.h"

static void serve(void *context, const char *endpoint, uint64_t requests) {
    void *router = bound(context, ZMQ_ROUTER, endpoint);
    route_back(router, requests);
    finish(context, router);
}

static size_t size;
static uint64_t count, sent, received;

static void ask_again(void *dealer) {
    if (sent == count) return;
    send_new(dealer, size);
    sent += 1;
}

/// Takes the reply, if there is one yet, and sends the next request.
static void take_reply(void *dealer) {
    zmq_msg_t reply;
    zmq_msg_init(&reply);
    while (try_receive(dealer, &reply)) {
        expect_size(&reply, size);
        received += 1;
        ask_again(dealer);
    }
}

/// Every client has its connection and its first reply before the clock starts.
static uint64_t drive(void *context, const char *endpoint, uint64_t clients) {
    void **dealers = calloc(clients, sizeof(void *));
    int epoll = epoll_create1(0);
    for (uint32_t i = 0; i < clients; i++) {
        dealers[i] = connected(context, ZMQ_DEALER, endpoint);
        watch(epoll, dealers[i], i);
        send_new(dealers[i], size);
    }
    zmq_msg_t reply;
    zmq_msg_init(&reply);
    for (uint64_t i = 0; i < clients; i++) receive_sized(dealers[i], &reply, size);

    uint64_t start = bench_now();
    for (uint64_t i = 0; i < clients; i++) {
        ask_again(dealers[i]);
        take_reply(dealers[i]);
    }
    struct epoll_event events[256];
    while (received < count) {
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) take_reply(dealers[events[i].data.u32]);
    }
    uint64_t elapsed = bench_now() - start;
    for (uint64_t i = 0; i < clients; i++) zmq_close(dealers[i]);
    zmq_ctx_term(context);
    return elapsed;
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 5, "local|remote <endpoint> <size> <clients> <count>");
    bool local = bench_is_local(argv[1]);
    size = bench_number(argv[3]);
    count = bench_number(argv[5]);
    uint64_t clients = bench_number(argv[4]), elapsed = 0;
    if (local) serve(new_context(), argv[2], clients + count);
    else elapsed = drive(new_context(), argv[2], clients);
    bench_report_begin("router_reqrep", argv[1]);
    bench_report_count("size", size);
    bench_report_count("clients", clients);
    if (!local) bench_report_rate(count, elapsed);
    bench_report_end();
}
