// System calls and constants that Swift's Glibc module does not expose, because they are GNU extensions.
#pragma once

#include <sys/types.h>

/// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC: the next connection of a listening descriptor, or -1 with errno set.
/// The peer's address is written to the `length` bytes at `address`; `length` is then its size.
int csockets_accept(int listener, void *address, unsigned *length);

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
