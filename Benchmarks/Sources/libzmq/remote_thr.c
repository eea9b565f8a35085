// PUSH: sends as fast as the high-water mark allows, and stays until the receiver has ended.
//
// It stays because a libzmq receiver over ipc was seen to miss messages when the sender left first; probably a receiver
// that is at its own mark at the hang-up never reads what the kernel still holds for it.
#include "common.h"

static void await_disconnection(void *monitor) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    receive(monitor, &part);  // the event, and then the address
    receive(monitor, &part);
    zmq_msg_close(&part);
    zmq_close(monitor);
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 3, "<connect-to> <size> <count>");
    size_t size = bench_number(argv[2]);
    uint64_t count = bench_number(argv[3]);
    void *context = new_context(), *socket = new_socket(context, ZMQ_PUSH);
    check(zmq_socket_monitor(socket, "inproc://monitor", ZMQ_EVENT_DISCONNECTED), "zmq_socket_monitor");
    void *monitor = connected(context, ZMQ_PAIR, "inproc://monitor");
    secure(socket, false);
    check(zmq_connect(socket, argv[1]), argv[1]);
    for (uint64_t i = 0; i < count; i++) send_new(socket, size);
    await_disconnection(monitor);
    finish(context, socket);
    bench_report_begin("thr", "remote");
    bench_report_count("size", size);
    bench_report_count("count", count);
    bench_report_end();
}
