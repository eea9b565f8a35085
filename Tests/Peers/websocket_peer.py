"""A WebSocket peer that is neither ours nor libzmq: the package `websockets`. Runs a scenario, and ends with status 0.

usage: websocket_peer.py SCENARIO [URL [AUTHORITIES]]

A scenario named serve_* listens, and writes the URL as its first line.
"""

import asyncio
import ssl
import sys

import websockets

# The other names of ZWS 2.0 have a slash, which the package does not take for a subprotocol, and neither do browsers.
PROTOCOL = "ZWS2.0"
MORE, LAST = b"\x01", b"\x00"


async def shake_hands(ws):
    """Exchanges empty identities."""
    assert ws.subprotocol == PROTOCOL, ws.subprotocol
    await ws.send(LAST)
    identity = await ws.recv()
    assert identity == LAST, identity


async def ask(ws, body, pieces=None):
    await ws.send(MORE)
    await ws.send(LAST + body if pieces is None else pieces)
    assert await ws.recv() == MORE
    answer = await ws.recv()
    assert answer == LAST + body, (len(answer), answer[:40])


async def closed(ws, code):
    try:
        while True:
            await ws.recv()
    except websockets.ConnectionClosed as end:
        assert end.rcvd is not None, "no Close has arrived"
        assert end.rcvd.code == code, end
        return end.rcvd.reason


async def requests(url, authorities=None):
    """Messages of every size, whole and in fragments, with pings between them."""
    context = ssl.create_default_context(cafile=authorities) if authorities else None
    async with websockets.connect(url, subprotocols=[PROTOCOL], max_size=None, ssl=context) as ws:
        await shake_hands(ws)
        for size in (0, 1, 124, 125, 126, 65_533, 65_534, 65_535, 65_536, 1_000_000):
            body = bytes(i % 251 for i in range(size))
            await ask(ws, body)
            if size:
                whole = LAST + body
                cuts = [0, 1, size // 2 + 1, size + 1]
                await ask(ws, body, [whole[a:b] for a, b in zip(cuts, cuts[1:])])
            await asyncio.wait_for(await ws.ping(b"x" * 125), 5)
        await ws.close()
        assert ws.close_code == 1000, ws.close_code


async def bare(url):
    """Without a subprotocol, as in a browser."""
    async with websockets.connect(url) as ws:
        assert ws.subprotocol is None
        await ask(ws, b"hello")
        await ws.send(["te", "xt"])
        await ask(ws, b"again")


async def text(url):
    """A text message is refused."""
    async with websockets.connect(url, subprotocols=[PROTOCOL]) as ws:
        await shake_hands(ws)
        await ws.send("text")
        assert "text" in await closed(ws, 1003)


async def oversized(url):
    """A message over the limit is refused."""
    async with websockets.connect(url, subprotocols=[PROTOCOL]) as ws:
        await shake_hands(ws)
        await ws.send(LAST + bytes(200_000))
        assert "limit" in await closed(ws, 1009)


async def illegal(url):
    """Flags that ZWS does not have."""
    async with websockets.connect(url, subprotocols=[PROTOCOL]) as ws:
        await shake_hands(ws)
        await ws.send(b"\x07")
        assert "flags" in await closed(ws, 1002)


async def refused(url):
    """An upgrade without a subprotocol, and one with another."""
    for protocols in (None, ["chat"]):
        try:
            await websockets.connect(url, subprotocols=protocols)
        except websockets.InvalidStatusCode as refusal:
            assert refusal.status_code == 400, refusal
        else:
            raise AssertionError("accepted")


async def serve_requests():
    """A REP that answers what it is asked, in fragments, and pings."""
    done = asyncio.get_running_loop().create_future()

    class Protocol(websockets.WebSocketServerProtocol):
        def process_subprotocol(self, headers, available):
            assert headers["Sec-WebSocket-Protocol"] == "ZWS2.0/NULL,ZWS2.0", headers
            return PROTOCOL

    async def serve(ws, *_):
        try:
            await shake_hands(ws)
            for number in range(20):
                assert await ws.recv() == MORE
                request = await ws.recv()
                await asyncio.wait_for(await ws.ping(), 5)
                await ws.send(MORE)
                await ws.send([request[:1], request[1:5], request[5:]] if number % 2 and len(request) > 5 else request)
            assert await closed(ws, 1000) == ""
            done.set_result(None)
        except BaseException as error:
            done.set_exception(error)

    async with websockets.serve(serve, "127.0.0.1", 0, create_protocol=Protocol, max_size=None) as server:
        print(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/any/path", flush=True)
        await done


if __name__ == "__main__":
    scenario = globals()[sys.argv[1]]
    asyncio.run(asyncio.wait_for(scenario(*sys.argv[2:]), 30))
