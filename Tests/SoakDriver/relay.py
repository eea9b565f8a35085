"""A TCP relay that cuts its connections on request."""

import socket
import struct
import threading


class Relay:
    """Forwards bytes from `port` to the port of a server, and back."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, hard):
        """Closes all connections: with a reset, or as if both sides had closed them."""
        with self.lock:
            ended, self.open = self.open, set()
        for one in ended:
            # The forwarding threads may have closed it in the meantime.
            if hard:
                _quietly(lambda: one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)))
            # Wakes the thread that reads it, which a close alone does not; the close then sends a reset.
            else:
                _quietly(lambda: one.shutdown(socket.SHUT_RDWR))
            _quietly(one.close)

    def close(self):
        self.listener.close()
        self.cut(hard=False)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                client.close()  # as an absent server does: the client retries
                continue
            for one in (client, server):
                one.settimeout(0.5)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.open |= {client, server}
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source, sink):
        """One direction. Its end is forwarded; the other direction continues."""
        try:
            while True:
                try:
                    data = source.recv(65536)
                except TimeoutError:
                    continue
                if not data:
                    break
                rest = memoryview(data)
                while rest:
                    try:
                        rest = rest[sink.send(rest):]
                    except TimeoutError:
                        continue
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            with self.lock:
                self.open -= {source, sink}
            _quietly(sink.close)
            _quietly(source.close)


def _quietly(call):
    try:
        call()
    except OSError:
        pass
