#define _GNU_SOURCE
#include "CSockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int csockets_accept(int listener, void *address, unsigned *length) {
    return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

// A sanitizer knows what the library's functions read and write, and nothing of syscall(2).
#define IS_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))

ssize_t csockets_read(int descriptor, void *bytes, size_t size) {
    return IS_SANITIZED ? read(descriptor, bytes, size) : syscall(SYS_read, descriptor, bytes, size);
}

ssize_t csockets_send_bytes(int descriptor, const void *bytes, size_t size, int flags) {
    return IS_SANITIZED ? send(descriptor, bytes, size, flags)
                        : syscall(SYS_sendto, descriptor, bytes, size, flags, 0L, 0L);
}

ssize_t csockets_send_message(int descriptor, const struct msghdr *message, int flags) {
    return IS_SANITIZED ? sendmsg(descriptor, message, flags) : syscall(SYS_sendmsg, descriptor, message, flags);
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

// What recvmmsg(2) fills in, for one datagram.
static void prepare(struct mmsghdr *message, struct iovec *piece, void *source, socklen_t source_size, void *control,
                    size_t control_size) {
    memset(message, 0, sizeof *message);
    message->msg_hdr.msg_name = source;
    message->msg_hdr.msg_namelen = source_size;
    message->msg_hdr.msg_iov = piece;
    message->msg_hdr.msg_iovlen = 1;
    message->msg_hdr.msg_control = control;
    message->msg_hdr.msg_controllen = control_size;
}

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
        prepare(&messages[i], &pieces[i], &sources[i], sizeof sources[i], &controls[i], sizeof controls[i]);
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

// The addresses of both families.
union internet_address {
    struct sockaddr plain;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static unsigned char write_end(const union internet_address *address, unsigned char *end) {
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (address->plain.sa_family == AF_INET) {
        memcpy(end, &address->v4.sin_addr, 4);
        memcpy(end + 4, &address->v4.sin_port, 2);
        return csockets_ipv4_end;
    }
    if (address->plain.sa_family != AF_INET6) return 0;
    const unsigned char *host = (const unsigned char *)&address->v6.sin6_addr;
    if (memcmp(host, mapped, sizeof mapped) == 0) {
        memcpy(end, host + 12, 4);
        memcpy(end + 4, &address->v6.sin6_port, 2);
        return csockets_ipv4_end;
    }
    unsigned scope = htonl(address->v6.sin6_scope_id);
    memcpy(end, host, 16);
    memcpy(end + 16, &address->v6.sin6_port, 2);
    memcpy(end + 18, &scope, 4);
    return csockets_ipv6_end;
}

static socklen_t read_end(const unsigned char *end, size_t size, int is_ipv6, union internet_address *address) {
    memset(address, 0, sizeof *address);
    if (size == csockets_ipv4_end && !is_ipv6) {
        address->v4.sin_family = AF_INET;
        memcpy(&address->v4.sin_addr, end, 4);
        memcpy(&address->v4.sin_port, end + 4, 2);
        return sizeof address->v4;
    }
    unsigned char *host = (unsigned char *)&address->v6.sin6_addr;
    address->v6.sin6_family = AF_INET6;
    if (size == csockets_ipv4_end) {
        host[10] = host[11] = 0xFF;
        memcpy(host + 12, end, 4);
        memcpy(&address->v6.sin6_port, end + 4, 2);
    } else if (size == csockets_ipv6_end) {
        unsigned scope;
        memcpy(host, end, 16);
        memcpy(&address->v6.sin6_port, end + 16, 2);
        memcpy(&scope, end + 18, 4);
        address->v6.sin6_scope_id = ntohl(scope);
    }
    return sizeof address->v6;
}

int csockets_receive_from(int descriptor, struct csockets_incoming *datagrams, unsigned count, unsigned *losses) {
    struct mmsghdr messages[batch];
    struct iovec pieces[batch];
    union internet_address sources[batch];
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(unsigned)) + CMSG_SPACE(sizeof(int))];
    } controls[batch];
    if (count > batch) count = batch;
    for (unsigned i = 0; i < count; i++) {
        pieces[i].iov_base = datagrams[i].base;
        pieces[i].iov_len = datagrams[i].size;
        prepare(&messages[i], &pieces[i], &sources[i], sizeof sources[i], &controls[i], sizeof controls[i]);
    }
    int received = recvmmsg(descriptor, messages, count, MSG_DONTWAIT, 0);
    for (int i = 0; i < received; i++) {
        struct msghdr *header = &messages[i].msg_hdr;
        datagrams[i].size = messages[i].msg_len;
        datagrams[i].end_size = header->msg_namelen > 0 ? write_end(&sources[i], datagrams[i].end) : 0;
        datagrams[i].segment = 0;
        for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control; control = CMSG_NXTHDR(header, control)) {
            int segment;
            if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL)
                memcpy(losses, CMSG_DATA(control), sizeof *losses);
            if (control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
                memcpy(&segment, CMSG_DATA(control), sizeof segment);
                if (segment > 0 && segment < (int)messages[i].msg_len) datagrams[i].segment = (unsigned short)segment;
            }
        }
    }
    return received;
}

// The most bytes of a datagram that is sent with others as one: it fits in a packet of any usual network.
enum { merged_datagram = 1400, merged_bytes = 65000 };

static size_t size_of(const struct csockets_outgoing *datagram) { return datagram->head_size + datagram->body_size; }

static int have_same_end(const struct csockets_outgoing *one, const struct csockets_outgoing *other) {
    if (!one->end || !other->end) return one->end == other->end;
    return one->end_size == other->end_size && memcmp(one->end, other->end, one->end_size) == 0;
}

// How many datagrams at the front can be sent as one: all have one size, but the last may be smaller.
static unsigned mergeable(const struct csockets_outgoing *datagrams, unsigned count) {
    size_t size = size_of(&datagrams[0]);
    unsigned merged = 1;
    if (size > merged_datagram) return 1;
    while (merged < count && merged < csockets_merged && (merged + 1) * size <= merged_bytes) {
        size_t next = size_of(&datagrams[merged]);
        if (next == 0 || next > size || !have_same_end(&datagrams[merged], &datagrams[0])) break;
        merged++;
        if (next < size) break;
    }
    return merged;
}

int csockets_send_to(int descriptor, const struct csockets_outgoing *datagrams, unsigned count, int is_ipv6,
                     int *merges) {
    struct mmsghdr messages[batch];
    struct iovec pieces[batch][2];
    union internet_address targets[batch];
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(unsigned short))];
    } controls[batch];
    unsigned ends[batch], number = 0;
    if (count > batch) count = batch;
    memset(messages, 0, count * sizeof messages[0]);
    for (unsigned i = 0; i < count; number++) {
        struct msghdr *header = &messages[number].msg_hdr;
        unsigned merged = *merges ? mergeable(&datagrams[i], count - i) : 1;
        header->msg_iov = pieces[i];
        header->msg_iovlen = 2 * merged;
        if (datagrams[i].end) {
            header->msg_name = &targets[number];
            header->msg_namelen = read_end(datagrams[i].end, datagrams[i].end_size, is_ipv6, &targets[number]);
        }
        if (merged > 1) {
            unsigned short size = (unsigned short)size_of(&datagrams[i]);
            header->msg_control = &controls[number];
            header->msg_controllen = sizeof controls[number].bytes;
            memset(&controls[number], 0, sizeof controls[number]);
            struct cmsghdr *control = CMSG_FIRSTHDR(header);
            control->cmsg_level = SOL_UDP;
            control->cmsg_type = UDP_SEGMENT;
            control->cmsg_len = CMSG_LEN(sizeof size);
            memcpy(CMSG_DATA(control), &size, sizeof size);
        }
        for (unsigned end = i + merged; i < end; i++) {
            pieces[i][0].iov_base = (void *)datagrams[i].head;
            pieces[i][0].iov_len = datagrams[i].head_size;
            pieces[i][1].iov_base = (void *)datagrams[i].body;
            pieces[i][1].iov_len = datagrams[i].body_size;
        }
        ends[number] = i;
    }
    int sent = sendmmsg(descriptor, messages, number, MSG_DONTWAIT);
    if (sent > 0) return (int)ends[sent - 1];
    int is_merged = number > 0 && messages[0].msg_hdr.msg_control != NULL;
    if (sent == 0 || !is_merged || (errno != EINVAL && errno != EIO && errno != EOPNOTSUPP && errno != EMSGSIZE))
        return sent;
    *merges = 0;
    return csockets_send_to(descriptor, datagrams, count, is_ipv6, merges);
}

int csockets_receive_merged(int descriptor) {
    int on = 1;
    return setsockopt(descriptor, SOL_UDP, UDP_GRO, &on, sizeof on);
}

int csockets_report_losses(int descriptor) {
    int on = 1;
    return setsockopt(descriptor, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
}

int csockets_multicast_leaves_by(int descriptor, int family, unsigned interface) {
    if (family == AF_INET6)
        return setsockopt(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_IF, &interface, sizeof interface);
    struct ip_mreqn request = membership(0, 0, (int)interface);
    return setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request);
}

int csockets_multicast_reach(int descriptor, int family, int hops, int loops) {
    int level = family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
    int hops_option = family == AF_INET6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL;
    int loops_option = family == AF_INET6 ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP;
    if (setsockopt(descriptor, level, hops_option, &hops, sizeof hops) != 0) return -1;
    return setsockopt(descriptor, level, loops_option, &loops, sizeof loops);
}

int csockets_join(int descriptor, const void *group, unsigned size, unsigned interface) {
    int level = ((const struct sockaddr *)group)->sa_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
    struct group_req request;
    int off = 0;
#ifdef IP_MULTICAST_ALL
    if (level == IPPROTO_IP) setsockopt(descriptor, level, IP_MULTICAST_ALL, &off, sizeof off);
#endif
#ifdef IPV6_MULTICAST_ALL
    if (level == IPPROTO_IPV6) setsockopt(descriptor, level, IPV6_MULTICAST_ALL, &off, sizeof off);
#endif
    memset(&request, 0, sizeof request);
    request.gr_interface = interface;
    if (size > sizeof request.gr_group) size = sizeof request.gr_group;
    memcpy(&request.gr_group, group, size);
    return setsockopt(descriptor, level, MCAST_JOIN_GROUP, &request, sizeof request);
}
