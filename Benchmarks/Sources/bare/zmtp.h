// The part of ZMTP 3.1 that clients without a library need: greeting, READY, frames.
#pragma once

#include "common.h"
#include <stdbool.h>

enum { GREETING = 64 };

static inline size_t write_greeting(unsigned char *at) {
    memset(at, 0, GREETING);
    at[0] = 0xFF, at[9] = 0x7F, at[10] = 3, at[11] = 1;
    memcpy(at + 12, "NULL", 4);
    return GREETING;
}

/// Writes a property of a READY and returns its size.
static inline size_t write_property(unsigned char *at, const char *name, const void *value, uint32_t size) {
    size_t length = strlen(name);
    at[0] = (unsigned char)length;
    memcpy(at + 1, name, length);
    for (int i = 0; i < 4; i++) at[1 + length + i] = (unsigned char)(size >> (24 - 8 * i));
    memcpy(at + 5 + length, value, size);
    return 5 + length + size;
}

/// Writes a command with `size` bytes of data, in the long form of a frame, and returns its size.
static inline size_t write_command(unsigned char *at, const char *name, const void *data, size_t size) {
    size_t length = strlen(name), body = 1 + length + size;
    at[0] = 4 | 2;
    for (int i = 0; i < 8; i++) at[1 + i] = (unsigned char)(body >> (56 - 8 * i));
    at[9] = (unsigned char)length;
    memcpy(at + 10, name, length);
    memcpy(at + 10 + length, data, size);
    return 9 + body;
}

/// Writes a greeting and a READY and returns their size, at most 512.
static inline size_t write_handshake(unsigned char *at, const char *type, const char *identity) {
    unsigned char data[256];
    size_t size = write_property(data, "Socket-Type", type, strlen(type));
    if (identity) size += write_property(data + size, "Identity", identity, strlen(identity));
    size_t greeting = write_greeting(at);
    return greeting + write_command(at + greeting, "READY", data, size);
}

static inline bool read_whole(int fd, unsigned char *at, size_t size) {
    for (ssize_t count; size > 0; at += count, size -= count) {
        count = read(fd, at, size);
        if (count <= 0) return false;
    }
    return true;
}

/// Reads the peer's greeting and READY; false when the peer ends the connection instead.
static inline bool read_handshake(int fd) {
    unsigned char bytes[256];
    return read_whole(fd, bytes, GREETING) && read_whole(fd, bytes, 2) && bytes[0] == 4 && read_whole(fd, bytes, bytes[1]);
}
