// System calls and constants that Swift's Glibc module does not expose, because they are GNU extensions.
#pragma once

#include "CSharedMemory.h"

#include <sys/types.h>

/// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC: the next connection of a listening descriptor, or -1 with errno set.
/// The peer's address is written to the `length` bytes at `address`; `length` is then its size.
int csockets_accept(int listener, void *address, unsigned *length);

struct msghdr;

/// read(2), send(2) and sendmsg(2), but not as cancellation points, see pthreads(7): in a process with several threads
/// glibc's functions prepare each call for the cancellation of its thread, with two locked instructions.
ssize_t csockets_read(int descriptor, void *bytes, size_t size);
ssize_t csockets_send_bytes(int descriptor, const void *bytes, size_t size, int flags);
ssize_t csockets_send_message(int descriptor, const struct msghdr *message, int flags);

/// mremap(2) with MREMAP_MAYMOVE: mapped memory in a larger size, perhaps elsewhere, or a null pointer with errno set.
void *csockets_grow(void *memory, size_t size, size_t larger);

/// mremap(2) with MREMAP_MAYMOVE: anonymous memory of another size, with the pages it had; NULL with errno set.
void *csockets_remap(void *memory, size_t old_size, size_t new_size);

/// The credentials of the peer of a Unix domain socket, see unix(7), SO_PEERCRED.
struct csockets_credentials {
    pid_t process;
    uid_t user;
    gid_t group;
};

/// Fills in the credentials of the descriptor's peer; returns 0, or -1 with errno set.
int csockets_peer_credentials(int descriptor, struct csockets_credentials *credentials);

/// Fills `size` bytes with random ones that nothing can predict, see getrandom(2).
void csockets_random(void *bytes, size_t size);

/// Returns the allocator's free memory to the system, see malloc_trim(3); does nothing where there is no such call.
void csockets_trim_memory(void);

/// A datagram of a batch. Addresses are IPv4 ones, in host order.
struct csockets_datagram {
    void *base;
    /// Its size; before it is received, how much room there is.
    size_t size;
    unsigned source;
    unsigned destination;
    /// Whether there was too little room for it.
    int is_truncated;
};

/// recvmmsg(2) without waiting: returns how many datagrams have been received, or -1 with errno set. Destinations are
/// known where csockets_report_destinations has been called.
int csockets_receive(int descriptor, struct csockets_datagram *datagrams, unsigned count);

/// sendmmsg(2) to one address and port: returns how many datagrams have been sent, or -1 with errno set if the first
/// has not been.
int csockets_send(int descriptor, const struct csockets_datagram *datagrams, unsigned count, unsigned address,
                  unsigned short port);

/// bind(2) to an IPv4 address and port.
int csockets_bind(int descriptor, unsigned address, unsigned short port);

/// Reports where datagrams were sent to, see ip(7), IP_PKTINFO.
int csockets_report_destinations(int descriptor);

/// The interface by which multicast datagrams leave, see ip(7), IP_MULTICAST_IF: its address and number.
int csockets_multicast_interface(int descriptor, unsigned address, int interface);

/// Joins a group on an interface, see ip(7), IP_ADD_MEMBERSHIP, and receives from no group that others have joined.
int csockets_join_group(int descriptor, unsigned group, unsigned address, int interface);

/// The local address from which datagrams to an address leave, in host order; 0 with errno set when there is none.
unsigned csockets_local_address(unsigned address);

/// The address of the other end of a datagram: of IPv4, the host's 4 bytes and 2 of the port; of IPv6, the host's 16, 2
/// of the port, and 4 of the scope. All are in network order.
enum { csockets_ipv4_end = 6, csockets_ipv6_end = 22 };

/// A datagram that is received.
struct csockets_incoming {
    void *base;
    /// Its size; before it is received, how much room there is.
    size_t size;
    /// Where it comes from: an IPv4 address has this form on a descriptor of IPv6, too.
    unsigned char end[csockets_ipv6_end];
    unsigned char end_size;
    /// Where several have arrived as one: the size of each but the last one, which may be smaller; else 0.
    unsigned short segment;
};

/// recvmmsg(2) without waiting: returns how many datagrams have been received, or -1 with errno set. Where
/// csockets_report_losses has been called, `losses` becomes the number of datagrams that the system's buffer had no room
/// for so far, if there are any.
int csockets_receive_from(int descriptor, struct csockets_incoming *datagrams, unsigned count, unsigned *losses);

/// A datagram that is sent: two parts, one behind the other.
struct csockets_outgoing {
    const void *head;
    size_t head_size;
    const void *body;
    size_t body_size;
    /// Where to; NULL for the address that the descriptor is connected to.
    const void *end;
    size_t end_size;
};

/// sendmmsg(2) without waiting: returns how many datagrams have been sent, or -1 with errno set if the first has not
/// been.
///
/// @param is_ipv6 whether the descriptor is one of IPv6.
/// @param merges whether small datagrams of one size, to one address, pass through the system as one, see udp(7),
///   UDP_SEGMENT; becomes 0 when the system or the network does not do that.
int csockets_send_to(int descriptor, const struct csockets_outgoing *datagrams, unsigned count, int is_ipv6,
                     int *merges);

/// The most datagrams that pass through the system as one.
enum { csockets_merged = 64 };

/// Receives datagrams that have passed through the system as one in one piece, see udp(7), UDP_GRO.
int csockets_receive_merged(int descriptor);

/// Reports how many datagrams the buffer had no room for, see socket(7), SO_RXQ_OVFL.
int csockets_report_losses(int descriptor);

/// The interface by which multicast datagrams of the family leave, by its number; see ip(7) and ipv6(7).
int csockets_multicast_leaves_by(int descriptor, int family, unsigned interface);

/// How far multicast datagrams of the family go, and whether they reach this host.
int csockets_multicast_reach(int descriptor, int family, int hops, int loops);

/// Joins the group of the address on an interface, 0 for the one that routes lead to, and receives from no group that
/// others have joined; see ip(7), MCAST_JOIN_GROUP.
int csockets_join(int descriptor, const void *group, unsigned size, unsigned interface);
