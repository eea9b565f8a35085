"""A server that is no ZeroMQ: it looks at the bytes that zmq.js sends, and answers with what it should not."""

import asyncio

import websockets

LAST, MORE = b"\x00", b"\x01"


class Wire:
    """An asynchronous context. Each connection is given to the method that its path names."""

    async def __aenter__(self):
        self.faults = []
        self.connections = []
        self._server = await websockets.serve(self._serve, "127.0.0.1", 0, subprotocols=["ZWS2.0"], max_size=None)
        self.url = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, connection, path):
        self.connections.append(path)
        try:
            assert connection.subprotocol == "ZWS2.0", connection.subprotocol
            await getattr(self, path[1:])(connection)
        except websockets.ConnectionClosed:
            pass
        except BaseException as error:
            self.faults.append(f"{path}: {error!r}")

    async def _expect(self, connection, *messages):
        for expected in messages:
            found = await asyncio.wait_for(connection.recv(), 10)
            assert found == expected, f"{found} instead of {expected}"

    async def topics(self, connection):
        """A SUB subscribes, unsubscribes, and subscribes again with each connection."""
        await self._expect(connection, LAST)
        await connection.send(LAST)
        if self.connections.count("/topics") == 1:
            await self._expect(connection, LAST + b"\x01early", LAST + b"\x01late", LAST + b"\x00early")
            # The unsubscribed topic may be on its way.
            for topic in (b"early", b"lat", b"late 1"):
                await connection.send(MORE + topic)
                await connection.send(LAST + "ä".encode())
            return await connection.close(1000, "restarting")
        await self._expect(connection, LAST + b"\x01late")
        await connection.send(b"\x02\x04PINGxx")
        await connection.send(LAST + b"late 2")
        await connection.wait_closed()
        assert connection.close_code == 1000, connection.close_code

    async def requests(self, connection):
        """A REQ's second request waits for the first reply; a message that is none is ignored."""
        await self._expect(connection, LAST + b"name")
        await connection.send(LAST + b"any")  # the routing id
        await self._expect(connection, MORE, MORE + b"first", LAST + b"\x00\xff")
        # The answer to a PING is behind all that has been sent.
        await asyncio.wait_for(await connection.ping(), 10)
        assert not connection.messages, connection.messages
        await connection.send(LAST + b"no delimiter")
        await connection.send(MORE)
        await connection.send(LAST + b"one")
        await self._expect(connection, MORE, LAST + b"second")

    async def text(self, connection):
        await connection.send(LAST)
        await connection.send("text")
        await connection.wait_closed()

    async def flags(self, connection):
        await connection.send(LAST)
        await connection.send(b"\x03")
        await connection.wait_closed()

    async def empty(self, connection):
        await connection.send(b"")
        await connection.wait_closed()

    async def stranger(self, connection):
        await connection.send(MORE + b"not an id")
        await connection.wait_closed()

    async def silent(self, connection):
        await connection.wait_closed()

    async def refusing(self, connection):
        await connection.close(1008, "peers like this are not allowed")
