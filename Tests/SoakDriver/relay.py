"""A TCP relay that cuts its connections when it is told to."""

import socket
import struct
import threading


class Relay:
    """Passes on what comes to `port` to the port of a server, and back."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, hard):
        """Ends all connections: with a reset, or as if both sides had closed them."""
        with self.lock:
            ended, self.open = self.open, set()
        for one in ended:
            # The threads that pass things on may have closed it meanwhile.
            if hard:
                _quietly(lambda: one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)))
            # Wakes the thread that reads it, which a close alone does not; a reset is what the close then sends.
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
                client.close()  # as a server does that is not there: the client tries again
                continue
            for one in (client, server):
                one.settimeout(0.5)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.open |= {client, server}
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source, sink):
        """One direction. Its end is passed on; the other direction goes on."""
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
