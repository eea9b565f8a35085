// The common part of the bare-socket programs: a connected stream socket for "tcp://1.2.3.4:5" or "ipc:///path", and
// the frames that ZMTP 3.x would put on it.
#pragma once

#include <CBench.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef union address {
    struct sockaddr any;
    struct sockaddr_in tcp;
    struct sockaddr_un ipc;
} address;

static inline socklen_t parse_address(const char *endpoint, address *out) {
    memset(out, 0, sizeof *out);
    char host[64];
    unsigned short port;
    if (sscanf(endpoint, "%*[tcpws]://%63[0-9.]:%hu", host, &port) == 2) {
        out->tcp = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = htons(port) };
        if (inet_pton(AF_INET, host, &out->tcp.sin_addr) == 1) return sizeof out->tcp;
    } else if (strncmp(endpoint, "ipc://", 6) == 0 && strlen(endpoint + 6) < sizeof out->ipc.sun_path) {
        out->ipc.sun_family = AF_UNIX;
        strcpy(out->ipc.sun_path, endpoint + 6);
        return sizeof out->ipc;
    }
    errno = EINVAL;
    bench_fail(endpoint);
}

static inline void no_delay(int fd) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int) { 1 }, sizeof(int));  // no effect on a unix socket
}

/// The first `count` connections to `endpoint`.
static inline void accept_first(const char *endpoint, int *fds, uint64_t count) {
    address address;
    socklen_t length = parse_address(endpoint, &address);
    int listener = socket(address.any.sa_family, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int) { 1 }, sizeof(int));
    if (bind(listener, &address.any, length) != 0 || listen(listener, BENCH_BACKLOG) != 0) bench_fail(endpoint);
    for (uint64_t i = 0; i < count; i++) {
        fds[i] = accept(listener, NULL, NULL);
        if (fds[i] < 0) bench_fail("accept");
        no_delay(fds[i]);
    }
    close(listener);
    if (address.any.sa_family == AF_UNIX) unlink(address.ipc.sun_path);
}

static inline int accepted(const char *endpoint) {
    int fd;
    accept_first(endpoint, &fd, 1);
    return fd;
}

/// A connection to `endpoint`, tried for five seconds.
static inline int connected(const char *endpoint) {
    address address;
    socklen_t length = parse_address(endpoint, &address);
    for (int attempt = 0; attempt < 1000; attempt++) {
        int fd = socket(address.any.sa_family, SOCK_STREAM, 0);
        if (connect(fd, &address.any, length) == 0) {
            no_delay(fd);
            return fd;
        }
        close(fd);
        bench_sleep_ms(5);
    }
    bench_fail(endpoint);
}

/// Makes `fd` non-blocking; `epoll` reports it with `index` when it is readable.
static inline void watch(int epoll, int fd, uint32_t index) {
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = index };
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) bench_fail("epoll_ctl");
}

/// Bytes of a frame with a body of `size` bytes.
static inline size_t frame_size(size_t size) {
    return (size < 256 ? 2 : 9) + size;
}

static inline void write_frame(unsigned char *at, size_t size) {
    if (size < 256) {
        at[0] = 0, at[1] = (unsigned char)size;
    } else {
        at[0] = 2;
        for (int i = 0; i < 8; i++) at[1 + i] = (unsigned char)(size >> (56 - 8 * i));
    }
    memset(at + frame_size(size) - size, 'x', size);
}
