"""A libzmq with its draft types as the peer in a test: as peer.py, for sockets whose messages have one frame.

usage: drafts.py LIBRARY, which Tests/drafts has built

pyzmq is linked with Debian's libzmq, which has not these types: the library is called directly. A message of SERVER and PEER
has the peer's routing id in front, as a frame of four bytes in network order; a message of RADIO and DISH has its group.
"""

import ctypes
import sys

import zmq

import peer


class Message(ctypes.Structure):
    _fields_ = [("content", ctypes.c_uint64 * 8)]


class Event(ctypes.Structure):
    _fields_ = [
        ("socket", ctypes.c_void_p), ("fd", ctypes.c_int), ("user_data", ctypes.c_void_p), ("events", ctypes.c_short),
    ]


library = ctypes.CDLL(sys.argv[1], use_errno=True)
for name in ("zmq_ctx_new", "zmq_socket", "zmq_msg_data", "zmq_poller_new"):
    getattr(library, name).restype = ctypes.c_void_p
for name in ("zmq_msg_routing_id", "zmq_connect_peer"):
    getattr(library, name).restype = ctypes.c_uint32
library.zmq_msg_size.restype = ctypes.c_size_t
library.zmq_msg_group.restype = ctypes.c_char_p
library.zmq_poller_wait.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long]

POLL = {zmq.POLLIN: 1, zmq.POLLOUT: 2}


def check(result):
    if result < 0:
        error = ctypes.get_errno()
        if error == zmq.EAGAIN:
            raise zmq.Again()
        raise zmq.ZMQError(error)
    return result


class Socket:
    """As much of pyzmq's socket as peer.py uses."""

    def __init__(self, context, kind):
        self.kind = kind
        self.handle = ctypes.c_void_p(library.zmq_socket(context, int(kind)))
        if not self.handle:
            check(-1)
        self.poller, self.polled = ctypes.c_void_p(library.zmq_poller_new()), None

    # Options

    def setsockopt(self, option, value):
        if isinstance(value, int):
            size = 8 if option == zmq.MAXMSGSIZE else 4
            value = value.to_bytes(size, sys.byteorder, signed=True)
        check(library.zmq_setsockopt(self.handle, int(option), value, ctypes.c_size_t(len(value))))

    linger = property(fset=lambda self, value: self.setsockopt(zmq.LINGER, value))

    @property
    def last_endpoint(self):
        buffer, size = ctypes.create_string_buffer(512), ctypes.c_size_t(512)
        check(library.zmq_getsockopt(self.handle, int(zmq.LAST_ENDPOINT), buffer, ctypes.byref(size)))
        return buffer.raw[: size.value]

    def close(self, linger):
        self.linger = linger
        library.zmq_poller_destroy(ctypes.byref(self.poller))
        check(library.zmq_close(self.handle))

    # Endpoints and groups

    def bind(self, endpoint):
        check(library.zmq_bind(self.handle, endpoint.encode()))

    def connect(self, endpoint):
        check(library.zmq_connect(self.handle, endpoint.encode()))

    def unbind(self, endpoint):
        check(library.zmq_unbind(self.handle, endpoint.encode()))

    def disconnect(self, endpoint):
        check(library.zmq_disconnect(self.handle, endpoint.encode()))

    def connect_peer(self, endpoint):
        number = library.zmq_connect_peer(self.handle, endpoint.encode())
        return number or check(-1)

    def join(self, group):
        check(library.zmq_join(self.handle, group))

    def leave(self, group):
        check(library.zmq_leave(self.handle, group))

    # Messages

    def send_multipart(self, frames, flags):
        if self.kind == zmq.DGRAM:
            # The address, and the body.
            self.send_frame(frames[0], flags | zmq.SNDMORE)
            frames = frames[1:]
        self.send_frame(frames[-1], flags, frames)

    def send_frame(self, body, flags, frames=()):
        message = Message()
        check(library.zmq_msg_init_size(ctypes.byref(message), ctypes.c_size_t(len(body))))
        ctypes.memmove(library.zmq_msg_data(ctypes.byref(message)), body, len(body))
        try:
            if self.kind in (zmq.SERVER, zmq.PEER):
                number = ctypes.c_uint32(int.from_bytes(frames[0], "big"))
                check(library.zmq_msg_set_routing_id(ctypes.byref(message), number))
            elif self.kind == zmq.RADIO:
                check(library.zmq_msg_set_group(ctypes.byref(message), frames[0]))
            check(library.zmq_msg_send(ctypes.byref(message), self.handle, int(flags)))
        except zmq.ZMQError:
            library.zmq_msg_close(ctypes.byref(message))
            raise

    def recv_multipart(self, flags=0):
        frames = self.recv_frame(flags)
        # The address, which has a zero behind it, and the body.
        return [frames[0].rstrip(b"\0"), *self.recv_frame(flags)] if self.kind == zmq.DGRAM else frames

    def recv_frame(self, flags):
        message = Message()
        check(library.zmq_msg_init(ctypes.byref(message)))
        try:
            check(library.zmq_msg_recv(ctypes.byref(message), self.handle, int(flags)))
            size = library.zmq_msg_size(ctypes.byref(message))
            frames = [ctypes.string_at(library.zmq_msg_data(ctypes.byref(message)), size)]
            if self.kind in (zmq.SERVER, zmq.PEER):
                frames.insert(0, library.zmq_msg_routing_id(ctypes.byref(message)).to_bytes(4, "big"))
            elif self.kind == zmq.DISH:
                frames.insert(0, library.zmq_msg_group(ctypes.byref(message)))
            return frames
        finally:
            library.zmq_msg_close(ctypes.byref(message))

    def poll(self, timeout, what=zmq.POLLIN):
        events = ctypes.c_short(POLL[what])
        if self.polled is None:
            check(library.zmq_poller_add(self.poller, self.handle, None, events))
        elif self.polled != what:
            check(library.zmq_poller_modify(self.poller, self.handle, events))
        self.polled = what
        event = Event()
        try:
            check(library.zmq_poller_wait(self.poller, ctypes.byref(event), int(timeout)))
            return True
        except zmq.Again:
            return False


class Context:
    """As much of pyzmq's context as peer.py uses."""

    def __init__(self):
        self.handle = ctypes.c_void_p(library.zmq_ctx_new())

    def socket(self, kind):
        return Socket(self.handle, kind)


class DraftPeer(peer.Peer):
    def connect_peer(self, endpoint):
        return {"hex": self.socket.connect_peer(endpoint).to_bytes(4, "big").hex()}

    def join(self, name):
        self.socket.join(bytes.fromhex(name))

    def leave(self, name):
        self.socket.leave(bytes.fromhex(name))


def version():
    numbers = [ctypes.c_int() for _ in range(3)]
    library.zmq_version(*map(ctypes.byref, numbers))
    return ".".join(str(number.value) for number in numbers)


peer.main(Context(), version(), DraftPeer)
