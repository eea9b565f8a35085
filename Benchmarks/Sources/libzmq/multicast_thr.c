// A publisher and a subscriber of a multicast group: messages per second that arrive, and how many of them did.
//
// The subscriber counts from the first message to the last one in front of the end, so that lost ones do not count. It
// also ends when nothing arrives for three seconds: the message that marks the end can be lost as well.
#include "common.h"

static void *group_socket(void *context, int type, const char *endpoint, int rate) {
    void *socket = new_socket(context, type);
    set_option(socket, ZMQ_RATE, rate);
    set_option(socket, ZMQ_RECOVERY_IVL, 1000);
    if (type == ZMQ_SUB) check(zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0), "ZMQ_SUBSCRIBE");
    if (type == ZMQ_XPUB) set_option(socket, ZMQ_XPUB_NODROP, 1);
    check(zmq_connect(socket, endpoint), endpoint);
    return socket;
}

static void say(void *socket, const char *text) {
    for (int i = 0; i < 50; i++) {
        check(zmq_send(socket, text, 1, 0), "zmq_send");
        bench_sleep_ms(10);
    }
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 5, "local|remote <endpoint> <size> <kbit/s> <count>");
    bool local = bench_is_local(argv[1]);
    size_t size = bench_number(argv[3]);
    int rate = bench_number(argv[4]);
    uint64_t count = bench_number(argv[5]), received = 0, start = 0, last = 0;
    void *context = new_context(), *socket = group_socket(context, local ? ZMQ_SUB : ZMQ_XPUB, argv[2], rate);
    if (!local) {
        say(socket, "+");
        for (uint64_t i = 0; i < count; i++) send_new(socket, size);
        say(socket, "-");
    }
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (local) {
        if (zmq_msg_recv(&message, socket, 0) < 0) break;
        if (received == 0) set_option(socket, ZMQ_RCVTIMEO, 3000);
        if (zmq_msg_size(&message) == size) {
            if (received == 0) start = bench_now();
            received += 1;
            // The clock is read now and then: it is not what is measured.
            if (received % 64 == 0) last = bench_now();
        } else if (received > 0 && *(char *)zmq_msg_data(&message) == '-') {
            break;
        }
    }
    zmq_msg_close(&message);
    finish(context, socket);
    bench_report_begin("multicast_thr", argv[1]);
    bench_report_count("size", size);
    if (local) {
        bench_report_rate(received - 1, last - start);
        bench_report_number("arrived", (double)received / count);
    } else {
        bench_report_count("count", count);
    }
    bench_report_end();
}
