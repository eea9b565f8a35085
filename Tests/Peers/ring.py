#!/usr/bin/env python3
"""A PUSH that shares memory with the PULL at an ipc path, written independently of the library: half a message of 1 MiB,
then "half" on standard output; the rest when a line comes on standard input. Ends with its standard input.

usage: ring.py PATH
"""

import fcntl
import mmap
import os
import socket
import struct
import sys

CAPACITY = 1 << 16
HEADER = 4096
# Words of 64 bits: how many bytes have ever been written, and read.
WRITTEN, READ = 0, 128 // 8
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW


def item(name, value):
    return bytes([len(name)]) + name + struct.pack(">I", len(value)) + value


def read_exactly(stream, count):
    found = b""
    while len(found) < count:
        part = stream.recv(count - len(found))
        if not part:
            sys.exit("the socket has closed")
        found += part
    return found


def shake_hands(stream):
    body = b"\x05READY" + item(b"Socket-Type", b"PUSH") + item(b"Shared-Memory", b"zmq-reactor/1")
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)
    stream.sendall(greeting + bytes([4, len(body)]) + body)
    read_exactly(stream, 64)
    read_exactly(stream, read_exactly(stream, 2)[1])


def share(stream):
    size = HEADER + 2 * CAPACITY
    file = os.memfd_create("zmq-reactor", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(file, size)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, SEALS)
    exponent = CAPACITY.bit_length() - 1
    socket.send_fds(stream, [b"ringO" + bytes([exponent, 0, 0])], [file])
    if read_exactly(stream, 8) != b"ringA\0\0\0":
        sys.exit("the offer was not accepted")
    return mmap.mmap(file, size)


def write(stream, memory, data, position):
    """Writes all of it to the ring, as there is room; returns the number of bytes that have ever been written."""
    # A view reads and writes a word at once; struct.pack_into writes zeros first, which the peer may see.
    words = memoryview(memory).cast("Q")
    while data:
        read = words[READ]
        offset = position % CAPACITY
        count = min(CAPACITY - (position - read), CAPACITY - offset, len(data))
        memory[HEADER + offset:HEADER + offset + count] = data[:count]
        position, data = position + count, data[count:]
        words[WRITTEN] = position
        # Whether it sleeps or not.
        try:
            stream.send(b"\0", socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass
    return position


def main():
    stream = socket.socket(socket.AF_UNIX)
    stream.connect(sys.argv[1])
    shake_hands(stream)
    memory = share(stream)
    message = b"\x02" + struct.pack(">Q", 1 << 20) + b"m" * (1 << 20)
    half = len(message) // 2
    position = write(stream, memory, message[:half], 0)
    print("half", flush=True)
    if sys.stdin.readline():
        write(stream, memory, message[half:], position)
    sys.stdin.read()


main()
