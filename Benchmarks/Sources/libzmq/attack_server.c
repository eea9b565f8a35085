// The target of attacks: a ROUTER that replies to requests, a PUB that publishes now and then, and a ROUTER with CURVE, on
// one thread.
#include "common.h"

enum { LARGE = 16384 };

static void serve(void *router) {
    zmq_msg_t id, body;
    zmq_msg_init(&id);
    zmq_msg_init(&body);
    for (int i = 0; i < 100 && zmq_msg_recv(&id, router, ZMQ_DONTWAIT) >= 0; i++) {
        bool more = zmq_msg_more(&id);
        int frames = 0;
        while (more) {
            zmq_msg_recv(&body, router, 0);
            more = zmq_msg_more(&body);
            frames++;
        }
        if (frames != 1 || zmq_msg_size(&body) == 0) continue;
        char kind = *(char *)zmq_msg_data(&body);
        if (kind == 'r') {
            zmq_msg_close(&body);
            zmq_msg_init_size(&body, LARGE);
            memset(zmq_msg_data(&body), 'x', LARGE);
        } else if (kind != 'q') {
            continue;
        }
        zmq_msg_send(&id, router, ZMQ_SNDMORE);
        zmq_msg_send(&body, router, 0);
        zmq_msg_init(&id);
        zmq_msg_init(&body);
    }
    zmq_msg_close(&id);
    zmq_msg_close(&body);
}

int main(int argc, char *argv[]) {
    // Debian's libzmq has no WebSockets: the last one is not used.
    bench_arguments(argc, argv, 4, "<endpoint of the ROUTER> <endpoint of the PUB> <endpoint with CURVE> <ws endpoint>");
    bench_allow_descriptors();
    void *context = new_context();
    void *router = zmq_socket(context, ZMQ_ROUTER), *publisher = zmq_socket(context, ZMQ_PUB);
    if (zmq_bind(router, argv[1]) != 0 || zmq_bind(publisher, argv[2]) != 0) bench_fail("bind");
    void *secure = zmq_socket(context, ZMQ_ROUTER);
    set_option(secure, ZMQ_CURVE_SERVER, 1);
    check(zmq_setsockopt(secure, ZMQ_CURVE_SECRETKEY, BENCH_SERVER_SECRET, 40), "ZMQ_CURVE_SECRETKEY");
    if (zmq_bind(secure, argv[3]) != 0) bench_fail("bind");
    uint64_t published = bench_now();
    for (;;) {
        zmq_pollitem_t items[] = {
            { .socket = router, .events = ZMQ_POLLIN },
            { .socket = secure, .events = ZMQ_POLLIN },
        };
        zmq_poll(items, 2, 10);
        serve(router);
        serve(secure);
        if (bench_now() - published > 10000000) {
            published = bench_now();
            zmq_send(publisher, "0000", 4, ZMQ_DONTWAIT);
        }
    }
}
