// The common part of the libzmq programs: sockets with the settings of every row, and calls that must not fail.
#pragma once

#include <CBench.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <zmq.h>

enum { HIGH_WATER_MARK = 1000 };

/// Ends the program when a libzmq call reports an error.
static inline int check(int result, const char *what) {
    if (result >= 0) return result;
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

/// One I/O thread, which is libzmq's default, and room for the sockets of any workload.
static inline void *new_context(void) {
    bench_allow_descriptors();
    void *context = zmq_ctx_new();
    check(zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 65000), "ZMQ_MAX_SOCKETS");
    return context;
}

static inline void set_option(void *socket, int option, int value) {
    check(zmq_setsockopt(socket, option, &value, sizeof value), "zmq_setsockopt");
}

static inline void *new_socket(void *context, int type) {
    void *socket = zmq_socket(context, type);
    if (socket == NULL) check(-1, "zmq_socket");
    set_option(socket, ZMQ_SNDHWM, HIGH_WATER_MARK);
    set_option(socket, ZMQ_RCVHWM, HIGH_WATER_MARK);
    set_option(socket, ZMQ_BACKLOG, BENCH_BACKLOG);
    return socket;
}

/// CURVE, where BENCH_CURVE is set: the binding side is the server, which accepts every client.
static inline void secure(void *socket, bool is_server) {
    if (getenv("BENCH_CURVE") == NULL) return;
    const char *public_key = is_server ? BENCH_SERVER_KEY : BENCH_CLIENT_KEY;
    const char *secret_key = is_server ? BENCH_SERVER_SECRET : BENCH_CLIENT_SECRET;
    if (is_server) set_option(socket, ZMQ_CURVE_SERVER, 1);
    if (!is_server) {
        check(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, BENCH_SERVER_KEY, 40), "ZMQ_CURVE_SERVERKEY");
        check(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, 40), "ZMQ_CURVE_PUBLICKEY");
    }
    check(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 40), "ZMQ_CURVE_SECRETKEY");
}

static inline void *bound(void *context, int type, const char *endpoint) {
    void *socket = new_socket(context, type);
    secure(socket, true);
    check(zmq_bind(socket, endpoint), endpoint);
    return socket;
}

static inline void *connected(void *context, int type, const char *endpoint) {
    void *socket = new_socket(context, type);
    if (strncmp(endpoint, "inproc:", 7) != 0) secure(socket, false);
    check(zmq_connect(socket, endpoint), endpoint);
    return socket;
}

/// A publisher that blocks at its high-water mark where PUB would drop, and that receives every subscription.
static inline void *bound_publisher(void *context, const char *endpoint) {
    void *socket = new_socket(context, ZMQ_XPUB);
    set_option(socket, ZMQ_XPUB_NODROP, 1);
    set_option(socket, ZMQ_XPUB_VERBOSE, 1);
    check(zmq_bind(socket, endpoint), endpoint);
    return socket;
}

/// A new message with an uninitialised body: the least that libzmq can do to send one.
static inline void send_new(void *socket, size_t size) {
    zmq_msg_t message;
    check(zmq_msg_init_size(&message, size), "zmq_msg_init_size");
    check(zmq_msg_send(&message, socket, 0), "zmq_msg_send");
}

static inline void receive(void *socket, zmq_msg_t *message) {
    check(zmq_msg_recv(message, socket, 0), "zmq_msg_recv");
}

static inline void expect_size(zmq_msg_t *message, size_t size) {
    bench_expect_size(zmq_msg_size(message), size);
}

static inline void receive_sized(void *socket, zmq_msg_t *message, size_t size) {
    receive(socket, message);
    expect_size(message, size);
}

/// Receives `count` messages of `size` bytes. The clock starts with the first message, so one less is counted; returns
/// the nanoseconds.
static inline uint64_t receive_timed(void *socket, size_t size, uint64_t count) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    receive_sized(socket, &message, size);
    uint64_t start = bench_now();
    for (uint64_t i = 1; i < count; i++) receive_sized(socket, &message, size);
    uint64_t elapsed = bench_now() - start;
    zmq_msg_close(&message);
    return elapsed;
}

/// REQ: `roundtrips` requests, each sent after the reply to the previous one.
static inline bench_histogram *ask(void *socket, size_t size, uint64_t roundtrips) {
    bench_histogram *histogram = bench_histogram_new();
    uint64_t warm_up = bench_warm_up(roundtrips);
    zmq_msg_t message;
    check(zmq_msg_init_size(&message, size), "zmq_msg_init_size");
    for (uint64_t i = 0; i < warm_up + roundtrips; i++) {
        uint64_t start = bench_now();
        check(zmq_msg_send(&message, socket, 0), "zmq_msg_send");
        receive_sized(socket, &message, size);
        if (i >= warm_up) bench_record(histogram, bench_now() - start);
    }
    zmq_msg_close(&message);
    return histogram;
}

/// REP: echoes each request.
static inline void answer(void *socket, size_t size, uint64_t roundtrips) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (uint64_t i = 0; i < bench_warm_up(roundtrips) + roundtrips; i++) {
        receive_sized(socket, &message, size);
        check(zmq_msg_send(&message, socket, 0), "zmq_msg_send");
    }
    zmq_msg_close(&message);
}

/// ROUTER: returns `count` requests, each to its sender.
static inline void route_back(void *router, uint64_t count) {
    zmq_msg_t peer, body;
    zmq_msg_init(&peer);
    zmq_msg_init(&body);
    for (uint64_t i = 0; i < count; i++) {
        receive(router, &peer);
        receive(router, &body);
        check(zmq_msg_send(&peer, router, ZMQ_SNDMORE), "zmq_msg_send");
        check(zmq_msg_send(&body, router, 0), "zmq_msg_send");
    }
    zmq_msg_close(&peer);
    zmq_msg_close(&body);
}

/// Watches many sockets by their ZMQ_FD; zmq_poll would query every one of them at every turn. The descriptor signals
/// changes only: before the first wait and after each wake-up, receive until it would block.
static inline void watch(int epoll, void *socket, uint32_t index) {
    int fd;
    size_t length = sizeof fd;
    check(zmq_getsockopt(socket, ZMQ_FD, &fd, &length), "ZMQ_FD");
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = index };
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) bench_fail("epoll_ctl");
}

/// Receives without waiting; false when there is nothing now.
static inline bool try_receive(void *socket, zmq_msg_t *message) {
    int result = zmq_msg_recv(message, socket, ZMQ_DONTWAIT);
    if (result < 0 && zmq_errno() == EAGAIN) return false;
    check(result, "zmq_msg_recv");
    return true;
}

/// Closes the socket and terminates the context, which waits until everything has been sent.
static inline void finish(void *context, void *socket) {
    check(zmq_close(socket), "zmq_close");
    check(zmq_ctx_term(context), "zmq_ctx_term");
}
