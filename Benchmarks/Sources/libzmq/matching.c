// A publisher that matches every message against many subscriptions of one subscriber in another process. Topics are
// eight hexadecimal digits. The subscriber subscribes to every even number below twice their number, the publisher
// draws at random below the same bound: half of the messages match. "end" ends it.
#include "common.h"

static void publish(void *context, const char *endpoint, size_t size, uint64_t subscriptions, uint64_t count) {
    void *publisher = bound_publisher(context, endpoint);
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (uint64_t i = 0; i < subscriptions + 1; i++) receive(publisher, &message);
    uint64_t random = BENCH_SEED;
    for (uint64_t i = 0; i < count; i++) {
        check(zmq_msg_init_size(&message, size), "zmq_msg_init_size");
        bench_write_topic(zmq_msg_data(&message), bench_random_topic(&random, subscriptions));
        check(zmq_msg_send(&message, publisher, 0), "zmq_msg_send");
    }
    check(zmq_send(publisher, "end", 3, 0), "zmq_send");
    finish(context, publisher);
}

/// Measures from the first message to the end; everything published in between counts.
static uint64_t collect(void *context, const char *endpoint, uint64_t subscriptions, uint64_t *received) {
    void *subscriber = new_socket(context, ZMQ_SUB);
    set_option(subscriber, ZMQ_SNDHWM, 0);  // subscriptions beyond it would be lost
    for (uint64_t i = 0; i < subscriptions; i++) {
        char topic[BENCH_TOPIC];
        bench_write_topic(topic, (uint32_t)(2 * i));
        check(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, topic, BENCH_TOPIC), "ZMQ_SUBSCRIBE");
    }
    check(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "end", 3), "ZMQ_SUBSCRIBE");
    check(zmq_connect(subscriber, endpoint), endpoint);
    zmq_msg_t message;
    zmq_msg_init(&message);
    receive(subscriber, &message);
    uint64_t start = bench_now();
    for (*received = 1; zmq_msg_size(&message) != 3; *received += 1) receive(subscriber, &message);
    uint64_t elapsed = bench_now() - start;
    finish(context, subscriber);
    return elapsed;
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 5, "local|remote <endpoint> <size> <subscriptions> <count>");
    bool local = bench_is_local(argv[1]);
    size_t size = bench_number(argv[3]);
    uint64_t subscriptions = bench_number(argv[4]), count = bench_number(argv[5]), received = 0, elapsed = 0;
    if (size < BENCH_TOPIC) bench_arguments(argc, argv, 0, "… <size of at least 8> …");
    if (local) publish(new_context(), argv[2], size, subscriptions, count);
    else elapsed = collect(new_context(), argv[2], subscriptions, &received);
    bench_report_begin("matching", argv[1]);
    bench_report_count("size", size);
    bench_report_count("subscriptions", subscriptions);
    if (!local) bench_report_count("received", received);
    if (!local) bench_report_rate(count, elapsed);
    bench_report_end();
}
