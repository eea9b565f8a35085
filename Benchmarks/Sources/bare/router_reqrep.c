// The minimum for many clients with one request under way each: epoll_wait for ready connections, and a read and a
// write for each frame, at either end. Nothing is encoded or decoded; a reply consists of the received bytes.
#include "common.h"

#include <poll.h>

typedef struct connection {
    int fd;
    size_t filled;  // bytes of the frame that have arrived
    unsigned char *frame;
} connection;

static int epoll;
static size_t frame;
static connection *connections;
static struct epoll_event *events;  // room for all connections, as libev's array has in the end
static int most_events;

static void add_connection(uint32_t index, int fd, size_t size) {
    connections[index] = (connection) { .fd = fd, .frame = malloc(frame) };
    write_frame(connections[index].frame, size);
    watch(epoll, fd, index);
}

/// Whether the frame is complete.
static bool receive(connection *from) {
    ssize_t n = read(from->fd, from->frame + from->filled, frame - from->filled);
    if (n == 0 || (n < 0 && errno != EAGAIN)) bench_fail("read");
    if (n > 0) from->filled += (size_t)n;
    if (from->filled < frame) return false;
    from->filled = 0;
    return true;
}

/// One write: with one frame under way, a connection has room for it or never will.
static void send_frame(const connection *to) {
    if (write(to->fd, to->frame, frame) != (ssize_t)frame) bench_fail("write");
}

/// Takes `count` frames and sends the first `answers` of them back.
static void exchange(uint64_t count, uint64_t answers) {
    while (count > 0) {
        int ready = epoll_wait(epoll, events, most_events, -1);
        if (ready < 0) bench_fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            connection *connection = &connections[events[i].data.u32];
            if (!receive(connection)) continue;
            count -= 1;
            if (answers == 0) continue;
            answers -= 1;
            send_frame(connection);
        }
    }
}

static void ask(uint64_t clients) {
    for (uint64_t i = 0; i < clients; i++) send_frame(&connections[i]);
}

static void serve(const char *endpoint, size_t size, uint64_t clients, uint64_t count) {
    int *fds = calloc(clients, sizeof(int));
    accept_first(endpoint, fds, clients);
    for (uint32_t i = 0; i < clients; i++) add_connection(i, fds[i], size);
    exchange(clients + count, clients + count);
    // Stays until the client has ended: the client would read the end of one connection while replies are pending on
    // others.
    poll(&(struct pollfd) { connections[0].fd, POLLIN, 0 }, 1, -1);
}

/// Every client has its connection and its first reply before the clock starts.
static uint64_t drive(const char *endpoint, size_t size, uint64_t clients, uint64_t count) {
    for (uint32_t i = 0; i < clients; i++) add_connection(i, connected(endpoint), size);
    ask(clients);
    exchange(clients, 0);

    uint64_t start = bench_now(), first = count < clients ? count : clients;
    ask(first);
    exchange(count, count - first);
    return bench_now() - start;
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 5, "local|remote <endpoint> <size> <clients> <count>");
    bench_allow_descriptors();
    bool local = bench_is_local(argv[1]);
    size_t size = bench_number(argv[3]);
    uint64_t clients = bench_number(argv[4]), count = bench_number(argv[5]), elapsed = 0;
    frame = frame_size(size);
    connections = calloc(clients, sizeof(connection));
    events = calloc(clients, sizeof(struct epoll_event));
    most_events = (int)clients;
    epoll = epoll_create1(0);
    if (local) serve(argv[2], size, clients, count);
    else elapsed = drive(argv[2], size, clients, count);
    bench_report_begin("router_reqrep", argv[1]);
    bench_report_count("size", size);
    bench_report_count("clients", clients);
    if (!local) bench_report_rate(count, elapsed);
    bench_report_end();
}
