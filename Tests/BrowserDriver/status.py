"""The status page of a broker, whose peers are libzmq's."""

import asyncio
import contextlib
import json
import socket

import zmq

from .programs import Ports, Program

# A name that a page which takes it for HTML would run.
NAME = b'<img src=x onerror="document.title=1">'
LIVE = "document.querySelector('#state').textContent === 'live'"


def article(kind):
    """The card of the only socket of a type."""
    return f"[...document.querySelectorAll('.socket')].find((card) => card.querySelector('[data-field=type]').textContent === '{kind}')"


def counter(kind, name):
    """A number in that card; 0 when it is not shown."""
    return f"parseInt(({article(kind)}.querySelector('[data-counter=\"{name}\"] dd')?.textContent ?? '0').replaceAll(',', ''))"


def bar(kind, direction):
    """The length of the bar of the first peer's queue, in percent."""
    return f"parseInt({article(kind)}.querySelector('.queue.{direction} .bar i').style.width)"


async def answer_to(port, request):
    """The status line of the answer to a request, after which the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    return answer.split(b"\r\n")[0].decode()


async def status(browser, servers):
    """A broker's status page shows what its peers do; names are text; nonsense is refused; a broker that stops is noticed."""
    frontend, backend, port = (servers.free[name] for name in ("frontend", "backend", "status"))
    arguments = [f"--{name}=tcp://127.0.0.1:{number}" for name, number in (("frontend", frontend), ("backend", backend), ("status", port))]
    context = zmq.Context()
    with Program(servers.programs / "request-broker", *arguments) as broker, contextlib.ExitStack() as end:
        end.callback(context.destroy, linger=0)
        broker.expect_output("in a browser")
        page = await browser.open(f"http://127.0.0.1:{port}/")
        await page.wait("the page to be live", LIVE)
        assert await page.text("#name") == "request-broker"

        # Requests without a worker: one is held, the others wait in the frontend.
        client = context.socket(zmq.DEALER)
        client.setsockopt(zmq.IDENTITY, NAME)
        client.connect(f"tcp://127.0.0.1:{frontend}")
        for number in range(200):
            client.send_multipart([b"", b"%d" % number])
        await page.wait("the queue", f"{article('ROUTER')} && {counter('ROUTER', 'receive queue')} === 199")
        assert await page.evaluate(counter("ROUTER", "received")) == 200
        assert await page.evaluate(counter("DEALER", "sent")) == 0
        assert 15 <= await page.evaluate(bar("ROUTER", "receive")) <= 25, await page.evaluate(bar("ROUTER", "receive"))
        shown = await page.evaluate(f"{article('ROUTER')}.querySelector('[data-field=identity]').textContent")
        assert shown == NAME.decode(), shown
        assert await page.evaluate("document.images.length") == 0

        # A worker takes them all.
        worker = context.socket(zmq.REP)
        worker.connect(f"tcp://127.0.0.1:{backend}")
        for _ in range(200):
            worker.recv()
            worker.send(b"done")
            client.recv_multipart()
        await page.wait("the replies", f"{counter('ROUTER', 'sent')} === 200 && {counter('DEALER', 'received')} === 200")
        await page.wait("the queue to be empty", f"{bar('ROUTER', 'receive')} === 0")
        plotted = "document.querySelector('#totals polyline').getAttribute('points').split(' ').some((point) => !point.endsWith(',19.00'))"
        await page.wait("a plot", plotted)
        await page.wait("events", "document.querySelector('#events').textContent.includes('handshake-succeeded')")

        # The same numbers as JSON.
        report = json.loads(await page.evaluate("fetch('/status.json').then((answer) => answer.text())"))
        sockets = {found["type"]: found for found in report["reactors"][0]["status"]["sockets"]}
        assert sorted(sockets) == ["DEALER", "ROUTER"], sockets
        assert sockets["ROUTER"]["statistics"]["messagesReceived"] == 200, sockets
        assert sockets["ROUTER"]["connections"][0]["peer"]["routingID"] == NAME.decode()

        # A client that leaves.
        client.close()
        await page.wait("its row to be gone", f"!{article('ROUTER')}.querySelector('.peers tbody tr')")

        await refuse(port)
        await page.wait("the page to be live", LIVE)

        await page.click("#pause")
        await page.wait("the pause", "document.querySelector('#state').textContent === 'paused'")
        await page.click("#pause")
        await page.wait("the page to be live", LIVE)
        broker.freeze()
        await page.wait("the silence", "document.querySelector('#state').textContent.startsWith('no answer for ')")
    return [page]


async def refuse(port):
    """What is no request for the page."""
    host = b"\r\nHost: 127.0.0.1\r\n\r\n"
    for request, expected in (
        (b"\x16\x03\x01\x02\x00\x01", "400"), (b"GET / HTTP/1.1\r\n\r\n", "400"), (b"POST / HTTP/1.1" + host, "405"),
        (b"GET /nowhere HTTP/1.1" + host, "404"), (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "403"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000, "431"), (b"POST / HTTP/1.1\r\nContent-Length: 1000000" + host + bytes(1_000_000), "405"),
    ):
        found = await answer_to(port, request)
        assert found.startswith(f"HTTP/1.1 {expected} "), f"{request[:40]}: {found}"
    # Connections that say nothing keep none from being served.
    with contextlib.ExitStack() as silent:
        for _ in range(40):
            silent.enter_context(socket.create_connection(("127.0.0.1", port)))
        assert (await answer_to(port, b"GET / HTTP/1.1" + host)).endswith(" 200 OK")


@contextlib.asynccontextmanager
async def show_sample(browser, programs):
    """The page of the sample, after some time."""
    with Ports() as ports:
        port = ports.free()
        with Program(programs / "status-page", f"--bind=tcp://127.0.0.1:{port}") as sample:
            sample.expect_output("in a browser")
            page = await browser.open(f"http://127.0.0.1:{port}/", 1200, 1240)
            await page.wait("the page to be live", LIVE)
            await asyncio.sleep(45)
            yield page
