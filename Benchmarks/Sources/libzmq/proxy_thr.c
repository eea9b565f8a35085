// A publisher, an XSUB/XPUB proxy and a subscriber, each on its own thread, over inproc.
#include "common.h"

static void *context;
static size_t size;
static uint64_t count;

static void *forward(void *unused) {
    void *frontend = connected(context, ZMQ_XSUB, "inproc://frontend");
    void *backend = bound_publisher(context, "inproc://backend");
    zmq_proxy(frontend, backend, NULL);  // until the context ends
    zmq_close(frontend);
    zmq_close(backend);
    return unused;
}

/// The forwarded subscription shows that the path is open.
static void *publish(void *publisher) {
    zmq_msg_t subscription;
    zmq_msg_init(&subscription);
    receive(publisher, &subscription);
    for (uint64_t i = 0; i < count; i++) send_new(publisher, size);
    zmq_close(publisher);
    return NULL;
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 2, "<size> <count>");
    size = bench_number(argv[1]);
    count = bench_number(argv[2]);
    context = new_context();
    pthread_t publisher, proxy;
    pthread_create(&publisher, NULL, publish, bound_publisher(context, "inproc://frontend"));
    pthread_create(&proxy, NULL, forward, NULL);
    void *subscriber = connected(context, ZMQ_SUB, "inproc://backend");
    check(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "", 0), "ZMQ_SUBSCRIBE");
    uint64_t elapsed = receive_timed(subscriber, size, count);
    pthread_join(publisher, NULL);
    finish(context, subscriber);
    pthread_join(proxy, NULL);
    bench_report_begin("proxy_thr", "both");
    bench_report_count("size", size);
    bench_report_rate(count - 1, elapsed);
    bench_report_end();
}
