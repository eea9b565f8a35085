// A RADIO that sends datagrams to a DISH: messages per second that arrive, and how many of them did.
//
// The DISH counts from the first message to the last one in front of the end, so that lost ones do not count. It also
// ends when nothing arrives for three seconds: the message that marks the end can be lost as well.
//
// The types are drafts: the program is run with a libzmq that has them in the place of the system's.
#define _GNU_SOURCE
#define ZMQ_BUILD_DRAFT_API
#include "common.h"

#include <dlfcn.h>

enum { RECEIVE_BUFFER = 4 << 20 };

static int (*set_group)(zmq_msg_t *, const char *);
static int (*join)(void *, const char *);

static void *draft(const char *name) {
    void *function = dlsym(RTLD_DEFAULT, name);
    if (function == NULL) bench_fail("this libzmq has no draft types");
    return function;
}

static void send_to_group(void *socket, size_t size, char first) {
    zmq_msg_t message;
    check(zmq_msg_init_size(&message, size), "zmq_msg_init_size");
    if (size == 1) *(char *)zmq_msg_data(&message) = first;
    check(set_group(&message, "g"), "zmq_msg_set_group");
    check(zmq_msg_send(&message, socket, 0), "zmq_msg_send");
}

static void say(void *socket, char what) {
    for (int i = 0; i < 50; i++) {
        send_to_group(socket, 1, what);
        bench_sleep_ms(10);
    }
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 4, "local|remote <endpoint> <size> <count>");
    bool local = bench_is_local(argv[1]);
    size_t size = bench_number(argv[3]);
    uint64_t count = bench_number(argv[4]), received = 0, start = 0, last = 0;
    set_group = (int (*)(zmq_msg_t *, const char *))draft("zmq_msg_set_group");
    join = (int (*)(void *, const char *))draft("zmq_join");
    void *context = new_context(), *socket = new_socket(context, local ? ZMQ_DISH : ZMQ_RADIO);
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (local) {
        set_option(socket, ZMQ_RCVBUF, RECEIVE_BUFFER);
        check(join(socket, "g"), "zmq_join");
        check(zmq_bind(socket, argv[2]), argv[2]);
    } else {
        set_option(socket, ZMQ_XPUB_NODROP, 1);
        check(zmq_connect(socket, argv[2]), argv[2]);
        say(socket, '+');
        for (uint64_t i = 0; i < count; i++) send_to_group(socket, size, 0);
        say(socket, '-');
    }
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
    bench_report_begin("radio_thr", argv[1]);
    bench_report_count("size", size);
    if (local) {
        bench_report_rate(received - 1, last - start);
        bench_report_number("arrived", (double)received / count);
    } else {
        bench_report_count("count", count);
    }
    bench_report_end();
}
