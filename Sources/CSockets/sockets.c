#define _GNU_SOURCE
#include "CSockets.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>

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
