// What a subscription of eight bytes costs the publisher that matches it and the subscriber that holds it.
#include "common.h"

static uint64_t growth(uint64_t before) {
    bench_sleep_ms(300);
    uint64_t after = bench_resident_bytes();
    return after > before ? after - before : 0;
}

static uint64_t publish(void *context, const char *endpoint, uint64_t subscriptions) {
    void *publisher = bound_publisher(context, endpoint);
    zmq_msg_t message;
    zmq_msg_init(&message);
    receive(publisher, &message);  // "end"; the others follow when it has been answered
    uint64_t before = bench_resident_bytes();
    check(zmq_send(publisher, "end", 3, 0), "zmq_send");
    for (uint64_t i = 0; i < subscriptions; i++) receive(publisher, &message);
    uint64_t bytes = growth(before);
    check(zmq_send(publisher, "end", 3, 0), "zmq_send");
    finish(context, publisher);
    return bytes;
}

static uint64_t subscribe(void *context, const char *endpoint, uint64_t subscriptions) {
    void *subscriber = new_socket(context, ZMQ_SUB);
    set_option(subscriber, ZMQ_SNDHWM, 0);  // subscriptions beyond it would be lost
    check(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "end", 3), "ZMQ_SUBSCRIBE");
    check(zmq_connect(subscriber, endpoint), endpoint);
    zmq_msg_t message;
    zmq_msg_init(&message);
    receive(subscriber, &message);
    uint64_t before = bench_resident_bytes();
    for (uint64_t i = 0; i < subscriptions; i++) {
        char topic[BENCH_TOPIC];
        bench_write_topic(topic, (uint32_t)i);
        check(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, topic, BENCH_TOPIC), "ZMQ_SUBSCRIBE");
    }
    receive(subscriber, &message);
    uint64_t bytes = growth(before);
    finish(context, subscriber);
    return bytes;
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 3, "local|remote <endpoint> <subscriptions>");
    bool local = bench_is_local(argv[1]);
    uint64_t subscriptions = bench_number(argv[3]);
    uint64_t bytes = (local ? publish : subscribe)(new_context(), argv[2], subscriptions);
    bench_report_begin("subscription_memory", argv[1]);
    bench_report_count("subscriptions", subscriptions);
    bench_report_number("bytes_per_subscription", (double)bytes / (double)subscriptions);
    bench_report_end();
}
