// Hostile peers, one kind at a time, over loopback, for `Benchmarks/attack`.
//
// A kind is a function that is called repeatedly during the attack, and a row in the table at the end. It keeps its
// connections in `peers` and never waits for the server.
#include "zmtp.h"
#include <poll.h>
#include <sodium.h>

enum { MANY = 2000, STORM = 500, SLOW = 500, BUFFER = 1 << 18 };

static const char *router, *publisher, *secure, *web_socket;
static int peers[MANY];
static uint64_t begun, until;

/// Connections that have been started: an attack without any does not count.
static size_t connections;
static unsigned char buffer[BUFFER];

// MARK: Connections

/// A connection that may not be established yet, or -1.
static int begin_connection(const char *endpoint) {
    address address;
    socklen_t length = parse_address(endpoint, &address);
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(fd, &address.any, length) == 0 || errno == EINPROGRESS) {
        connections++;
        return fd;
    }
    close(fd);
    return -1;
}

/// Sends as much as there is room for; false when the peer has closed the connection.
static bool push(int fd, const void *bytes, size_t size) {
    return send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || errno == EAGAIN || errno == EINTR;
}

static bool wait_writable(int fd, int milliseconds) {
    struct pollfd poller = { .fd = fd, .events = POLLOUT };
    return poll(&poller, 1, milliseconds) == 1;
}

/// A connection that has sent its READY; the reply is left unread.
static int introduced(const char *endpoint, const char *type, const char *identity) {
    int fd = begin_connection(endpoint);
    if (fd < 0) return -1;
    unsigned char bytes[512];
    size_t size = write_handshake(bytes, type, identity);
    if (wait_writable(fd, 500) && push(fd, bytes, size)) return fd;
    close(fd);
    return -1;
}

/// Replaces those of the first `count` connections that have ended.
static void keep(int count, const char *endpoint, const char *type) {
    for (int i = 0; i < count; i++)
        if (peers[i] < 0) peers[i] = introduced(endpoint, type, NULL);
}

/// How much of a pattern each peer has sent, so that a partial write is continued.
static size_t progress[MANY];

/// Most bytes of a call: a longer one would keep the client from the processor, where both share it.
enum { PIECE = 1 << 14 };

/// Each of the first `count` peers sends `size` bytes of `buffer` repeatedly, as fast as it can.
static void flood(int count, size_t size) {
    bool stuck = true;
    for (int i = 0; i < count; i++) {
        if (peers[i] < 0) continue;
        size_t piece = size - progress[i] < PIECE ? size - progress[i] : PIECE;
        ssize_t sent = send(peers[i], buffer + progress[i], piece, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            progress[i] = (progress[i] + sent) % size;
            stuck = false;
        } else if (errno != EAGAIN) {
            close(peers[i]);
            peers[i] = -1, progress[i] = 0;
        }
    }
    if (stuck) bench_sleep_ms(1);
}

/// Fills the buffer with copies of a frame and returns their size.
static size_t fill(const void *frame, size_t size) {
    size_t used = 0;
    for (; used + size <= BUFFER; used += size) memcpy(buffer + used, frame, size);
    return used;
}

static void abort_connection(int fd) {
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger) { 1, 0 }, sizeof(struct linger));
    close(fd);
}

// MARK: Kinds

static void quiet(void) { bench_sleep_ms(10); }

static void tiny_messages(void) {
    static size_t size;
    if (!size) size = fill("\0\1x", 3);
    keep(4, router, "DEALER");
    flood(4, size);
}

/// Requests whose 16 KiB replies are never read.
static void never_reading(void) {
    static size_t size;
    if (!size) size = fill("\0\1r", 3);
    keep(100, router, "DEALER");
    flood(100, size);
}

static void empty_frames(void) {
    static size_t size;
    if (!size) size = fill("\1\0", 2);
    keep(4, router, "DEALER");
    flood(4, size);
}

static void endless_message(void) {
    static unsigned char frame[1 << 16];
    static size_t size;
    if (!size) {
        write_frame(frame, sizeof frame - 9);
        frame[0] |= 1;
        size = fill(frame, sizeof frame);
    }
    keep(4, router, "DEALER");
    flood(4, size);
}

/// A frame of 900 MB, of which three bytes are sent.
static void announced_gigabytes(void) {
    for (int i = 0; i < 200; i++) {
        if (peers[i] >= 0) continue;
        peers[i] = introduced(router, "DEALER", NULL);
        if (peers[i] >= 0) push(peers[i], "\2\0\0\0\0\65\244\351\0abc", 12);
    }
    bench_sleep_ms(5);
}

/// Endless topics, for the first two thirds of the time; then all peers disconnect at once.
static void subscriptions(void) {
    static uint64_t number;
    static size_t left[4], at[4];
    static unsigned char bytes[4][1 << 16];
    if (bench_now() - begun > (until - begun) * 2 / 3) {
        for (int i = 0; i < 4; i++)
            if (peers[i] >= 0) abort_connection(peers[i]), peers[i] = -1;
        bench_sleep_ms(10);
        return;
    }
    keep(4, publisher, "SUB");
    bool stuck = true;
    for (int i = 0; i < 4; i++) {
        if (peers[i] < 0) continue;
        if (!left[i]) {
            at[i] = 0;
            while (left[i] + 64 < sizeof bytes[i]) {
                char topic[32];
                int length = snprintf(topic, sizeof topic, "%016llx", (unsigned long long)(number++ * 0x9E3779B97F4A7C15));
                left[i] += write_command(bytes[i] + left[i], "SUBSCRIBE", topic, length);
            }
        }
        ssize_t sent = send(peers[i], bytes[i] + at[i], left[i], MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) at[i] += sent, left[i] -= sent, stuck = false;
        else if (errno != EAGAIN) close(peers[i]), peers[i] = -1, left[i] = 0;
    }
    if (stuck) bench_sleep_ms(1);
}

static void connect_storm(void) {
    for (int i = 0; i < STORM; i++) peers[i] = begin_connection(router);
    bench_sleep_ms(5);
    for (int i = 0; i < STORM; i++)
        if (peers[i] >= 0) close(peers[i]), peers[i] = -1;
}

static void half_open(void) {
    for (int i = 0; i < MANY; i++)
        if (peers[i] < 0) peers[i] = begin_connection(router);
    bench_sleep_ms(10);
}

/// The handshake, a byte in each second; those of different peers are spread over it.
static void slow_handshakes(void) {
    static const uint64_t second = 1000000000;
    static uint64_t due[SLOW];
    unsigned char bytes[512];
    size_t size = write_handshake(bytes, "DEALER", NULL);
    uint64_t now = bench_now();
    for (int i = 0; i < SLOW; i++) {
        if (peers[i] < 0) {
            peers[i] = begin_connection(router), progress[i] = 0;
            due[i] = now + second * i / SLOW;
        } else if (now >= due[i] && progress[i] + 1 < size) {
            due[i] += second;
            if (push(peers[i], bytes + progress[i], 1)) progress[i]++;
            else close(peers[i]), peers[i] = -1;
        }
    }
    bench_sleep_ms(2);
}

/// Bytes that are not ZMTP, some of them behind a legal beginning.
static void garbage(void) {
    static uint64_t state = 88172645463325252;
    unsigned char bytes[4096];
    for (size_t i = 0; i < sizeof bytes; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        bytes[i] = (unsigned char)state;
    }
    if (state % 3 == 1) write_greeting(bytes);
    if (state % 3 == 2) write_handshake(bytes, "DEALER", NULL);
    int fd = begin_connection(router);
    if (fd < 0) return;
    if (wait_writable(fd, 500)) push(fd, bytes, sizeof bytes);
    close(fd);
}

/// PINGs, whose PONGs are never read.
static void pings(void) {
    static size_t size;
    if (!size) {
        unsigned char ping[64];
        size = fill(ping, write_command(ping, "PING", "\0\0aaaaaaaaaaaaaaaa", 18));
    }
    keep(4, router, "DEALER");
    flood(4, size);
}

/// Four WebSockets, whose frames have the mask 0, repeat some frames without end. They begin with others.
static void flood_web_sockets(const char *first, size_t first_size, const char *frames, size_t frames_size) {
    static size_t size;
    if (!size) size = fill(frames, frames_size);
    for (int i = 0; i < 4; i++) {
        if (peers[i] >= 0) continue;
        unsigned char bytes[1024], data[64];
        size_t used = (size_t)snprintf(
            (char *)bytes, sizeof bytes,
            "GET /bench HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Protocol: ZWS2.0/NULL\r\n\r\n"
        );
        size_t length = write_property(data, "Socket-Type", "DEALER", 6);
        // READY behind the flags of a command.
        const unsigned char head[] = { 0x82, (unsigned char)(0x80 | (7 + length)), 0, 0, 0, 0, 2, 5 };
        memcpy(bytes + used, head, sizeof head);
        memcpy(bytes + used + sizeof head, "READY", 5);
        memcpy(bytes + used + sizeof head + 5, data, length);
        used += sizeof head + 5 + length;
        memcpy(bytes + used, first, first_size);
        used += first_size;
        peers[i] = begin_connection(web_socket);
        if (peers[i] < 0 || wait_writable(peers[i], 500) && push(peers[i], bytes, used)) continue;
        close(peers[i]);
        peers[i] = -1;
    }
    flood(4, size);
}

static void web_socket_pings(void) { flood_web_sockets("", 0, "\x89\x80\0\0\0\0", 6); }

static void web_socket_fragments(void) { flood_web_sockets("\x02\x81\0\0\0\0\0", 7, "\0\x80\0\0\0\0", 6); }

static void web_socket_messages(void) { flood_web_sockets("", 0, "\x02\x81\0\0\0\0\0\x80\x81\0\0\0\0x", 14); }

static void resets(void) {
    int fd = introduced(router, "DEALER", NULL);
    if (fd < 0) return;
    push(fd, "\0\1x\2\0\0\0\0\0\1\0\0abc", 15);
    abort_connection(fd);
}

static void same_identity(void) {
    for (int i = 0; i < 50; i++) {
        if (peers[i] >= 0) close(peers[i]);
        peers[i] = introduced(router, "DEALER", "everybody");
    }
}

/// A READY of the maximum size, with very many properties.
static void large_ready(void) {
    static unsigned char bytes[1 << 17];
    static size_t size;
    if (!size) {
        static unsigned char data[1 << 16];
        size_t used = write_property(data, "Socket-Type", "DEALER", 6);
        for (int i = 0; used < 64000; i++) {
            char name[16];
            snprintf(name, sizeof name, "X-%d", i);
            used += write_property(data + used, name, "v", 1);
        }
        size = write_greeting(bytes);
        size += write_command(bytes + size, "READY", data, used);
    }
    int fd = begin_connection(router);
    if (fd < 0) return;
    if (wait_writable(fd, 500)) push(fd, bytes, size);
    bench_sleep_ms(1);
    close(fd);
}

/// The greeting of a CURVE client and a HELLO that opens, which cost the server two key agreements; the WELCOME is left
/// unread.
static void curve_hellos(void) {
    static unsigned char bytes[512];
    static size_t size;
    if (!size) {
        static const unsigned char server[crypto_box_PUBLICKEYBYTES] = { BENCH_SERVER_KEY_BYTES };
        static const unsigned char zeros[64], nonce[] = "CurveZMQHELLO---\0\0\0\0\0\0\0\1";
        unsigned char data[194] = { 1, 0 }, secret[crypto_box_SECRETKEYBYTES];
        crypto_box_keypair(data + 74, secret);
        memcpy(data + 106, nonce + 16, 8);
        if (crypto_box_easy(data + 114, zeros, sizeof zeros, nonce, server, secret) != 0) bench_fail("HELLO");
        size = write_greeting(bytes);
        memcpy(bytes + 12, "CURVE", 5);
        size += write_command(bytes + size, "HELLO", data, sizeof data);
    }
    for (int i = 0; i < 50; i++) {
        if (peers[i] >= 0) close(peers[i]);
        peers[i] = begin_connection(secure);
        if (peers[i] >= 0 && wait_writable(peers[i], 500)) push(peers[i], bytes, size);
    }
}

static const struct {
    const char *name;
    void (*step)(void);
} kinds[] = {
    { "quiet", quiet },
    { "tiny-messages", tiny_messages },
    { "never-reading", never_reading },
    { "empty-frames", empty_frames },
    { "endless-message", endless_message },
    { "announced-gigabytes", announced_gigabytes },
    { "subscriptions", subscriptions },
    { "connect-storm", connect_storm },
    { "half-open", half_open },
    { "slow-handshakes", slow_handshakes },
    { "garbage", garbage },
    { "pings", pings },
    { "websocket-pings", web_socket_pings },
    { "websocket-fragments", web_socket_fragments },
    { "websocket-messages", web_socket_messages },
    { "resets", resets },
    { "same-identity", same_identity },
    { "large-ready", large_ready },
    { "curve-hellos", curve_hellos },
};

int main(int argc, char *argv[]) {
    bench_arguments(
        argc, argv, 6, "<kind> <endpoint of the ROUTER> <of the PUB> <of the one with CURVE> <of the WebSockets> <seconds>"
    );
    bench_allow_descriptors();
    router = argv[2], publisher = argv[3], secure = argv[4], web_socket = argv[5];
    begun = bench_now();
    until = begun + bench_number(argv[6]) * 1000000000;
    memset(peers, -1, sizeof peers);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, argv[1]) != 0) continue;
        while (bench_now() < until) kinds[i].step();
        bench_report_begin("attacker", "remote");
        bench_report_end();
        return connections > 0 || kinds[i].step == quiet ? 0 : 1;
    }
    errno = EINVAL;
    bench_fail(argv[1]);
}
