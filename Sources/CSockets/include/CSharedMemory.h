// Memory that two processes share, and the words in it that both change. The other process is not trusted: it may write
// anything at any time.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// A memory file of this size, see memfd_create(2), with the `count` lowest of the seals SEAL, SHRINK, GROW: its
/// descriptor, or -1 with errno set.
int csockets_create_memory(size_t size, int count);

/// Maps a memory file for reading and writing, if it is in ordinary memory, has this size, and is sealed so that it can
/// neither shrink nor grow: an access never fails. A null pointer with errno set when it does not; EPERM for the seals.
void *csockets_map_memory(int descriptor, size_t size);

/// Sends bytes over a Unix domain socket, with a descriptor unless that is -1: a count, or -1 with errno set. Neither
/// blocks nor raises SIGPIPE.
ssize_t csockets_send_descriptor(int socket, const void *bytes, size_t count, int descriptor);

/// Receives bytes, and the descriptor that has come with them, or -1 when that is not exactly one: a count, 0 at the
/// end, or -1 with errno set. Does not block. The descriptor is closed on exec.
ssize_t csockets_receive_descriptor(int socket, void *bytes, size_t count, int *descriptor);

/// Reads what the other side has published: what it wrote before that is visible.
static inline uint64_t csockets_load_index(const void *word) {
    return __atomic_load_n((const uint64_t *)word, __ATOMIC_ACQUIRE);
}

/// Publishes what was written before.
static inline void csockets_store_index(void *word, uint64_t value) {
    __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELEASE);
}

/// Sets a flag ahead of every read that follows.
static inline void csockets_store_flag(void *word, uint32_t value) {
    __atomic_store_n((uint32_t *)word, value, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/// Clears a flag; returns whether it was set. Behind every write that precedes.
static inline int csockets_take_flag(void *word) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n((uint32_t *)word, __ATOMIC_RELAXED) == 0) return 0;
    return __atomic_exchange_n((uint32_t *)word, 0, __ATOMIC_SEQ_CST) != 0;
}

/// Whether a flag is set. Behind every write that precedes.
static inline int csockets_has_flag(const void *word) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return __atomic_load_n((const uint32_t *)word, __ATOMIC_RELAXED) != 0;
}

/// A short pause of a loop that waits for memory to change.
static inline void csockets_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
