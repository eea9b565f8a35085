#define _GNU_SOURCE
#include "CSockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

int csockets_accept(int listener, void *address, unsigned *length) {
    return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void *csockets_grow(void *memory, size_t size, size_t larger) {
    void *grown = mremap(memory, size, larger, MREMAP_MAYMOVE);
    return grown == MAP_FAILED ? 0 : grown;
}

int csockets_peer_credentials(int descriptor, struct csockets_credentials *credentials) {
    struct ucred found;
    socklen_t size = sizeof found;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &found, &size) != 0) return -1;
    credentials->process = found.pid;
    credentials->user = found.uid;
    credentials->group = found.gid;
    return 0;
}

void *csockets_remap(void *memory, size_t old_size, size_t new_size) {
    void *moved = mremap(memory, old_size, new_size, MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? 0 : moved;
}

void csockets_random(void *bytes, size_t size) {
    while (size > 0) {
        ssize_t count = getrandom(bytes, size, 0);
        if (count < 0 && errno != EINTR) abort();
        if (count > 0) {
            bytes = (char *)bytes + count;
            size -= (size_t)count;
        }
    }
}

void csockets_trim_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

// The most datagrams of one system call.
enum { batch = 64 };

static struct sockaddr_in inet_address(unsigned address, unsigned short port) {
    struct sockaddr_in result;
    memset(&result, 0, sizeof result);
    result.sin_family = AF_INET;
    result.sin_addr.s_addr = htonl(address);
    result.sin_port = htons(port);
    return result;
}

int csockets_receive(int descriptor, struct csockets_datagram *datagrams, unsigned count) {
    struct mmsghdr messages[batch];
    struct iovec pieces[batch];
    struct sockaddr_in sources[batch];
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } controls[batch];
    if (count > batch) count = batch;
    for (unsigned i = 0; i < count; i++) {
        pieces[i].iov_base = datagrams[i].base;
        pieces[i].iov_len = datagrams[i].size;
        memset(&messages[i], 0, sizeof messages[i]);
        messages[i].msg_hdr.msg_name = &sources[i];
        messages[i].msg_hdr.msg_namelen = sizeof sources[i];
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_control = &controls[i];
        messages[i].msg_hdr.msg_controllen = sizeof controls[i];
    }
    int received = recvmmsg(descriptor, messages, count, MSG_DONTWAIT, 0);
    for (int i = 0; i < received; i++) {
        struct msghdr *header = &messages[i].msg_hdr;
        datagrams[i].size = messages[i].msg_len;
        datagrams[i].source = header->msg_namelen >= sizeof sources[i] ? ntohl(sources[i].sin_addr.s_addr) : 0;
        datagrams[i].destination = 0;
        datagrams[i].is_truncated = (header->msg_flags & MSG_TRUNC) != 0;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
            if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO) continue;
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            datagrams[i].destination = ntohl(info.ipi_addr.s_addr);
        }
    }
    return received;
}

int csockets_send(int descriptor, const struct csockets_datagram *datagrams, unsigned count, unsigned address,
                  unsigned short port) {
    struct mmsghdr messages[batch];
    struct iovec pieces[batch];
    struct sockaddr_in target = inet_address(address, port);
    if (count > batch) count = batch;
    for (unsigned i = 0; i < count; i++) {
        pieces[i].iov_base = datagrams[i].base;
        pieces[i].iov_len = datagrams[i].size;
        memset(&messages[i], 0, sizeof messages[i]);
        messages[i].msg_hdr.msg_name = &target;
        messages[i].msg_hdr.msg_namelen = sizeof target;
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    return sendmmsg(descriptor, messages, count, MSG_DONTWAIT);
}

int csockets_bind(int descriptor, unsigned address, unsigned short port) {
    struct sockaddr_in local = inet_address(address, port);
    return bind(descriptor, (struct sockaddr *)&local, sizeof local);
}

int csockets_report_destinations(int descriptor) {
    int on = 1;
    return setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

static struct ip_mreqn membership(unsigned group, unsigned address, int interface) {
    struct ip_mreqn result;
    memset(&result, 0, sizeof result);
    result.imr_multiaddr.s_addr = htonl(group);
    result.imr_address.s_addr = htonl(address);
    result.imr_ifindex = interface;
    return result;
}

int csockets_multicast_interface(int descriptor, unsigned address, int interface) {
    struct ip_mreqn request = membership(0, address, interface);
    return setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request);
}

int csockets_join_group(int descriptor, unsigned group, unsigned address, int interface) {
    struct ip_mreqn request = membership(group, address, interface);
#ifdef IP_MULTICAST_ALL
    int off = 0;
    setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof off);
#endif
    return setsockopt(descriptor, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
}

unsigned csockets_local_address(unsigned address) {
    // No datagram is sent: connecting only looks up the route.
    struct sockaddr_in target = inet_address(address, 9), local;
    socklen_t size = sizeof local;
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return 0;
    unsigned found = 0;
    if (connect(descriptor, (struct sockaddr *)&target, sizeof target) == 0 &&
        getsockname(descriptor, (struct sockaddr *)&local, &size) == 0)
        found = ntohl(local.sin_addr.s_addr);
    int number = errno;
    close(descriptor);
    errno = number;
    return found;
}
