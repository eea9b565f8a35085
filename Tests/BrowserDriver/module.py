"""Scenarios of `zmq.js` alone, in scripts of its own."""

import json

from .wire import Wire

PAYLOAD = 32768  # bytes of a message to libzmq's PULL


async def hold_back(page, endpoint, count, peer):
    """Sends faster than the peer reads: what has been accepted arrives, once and in order."""
    await page.evaluate(f"""(async () => {{
        const {{ Socket }} = await import("./zmq.js");
        const options = {{ sendHighWaterMark: 50, bufferLimit: 1 << 18 }};
        const work = new Socket("PUSH", {json.dumps(endpoint)}, options);
        window.accepted = window.refusals = window.highest = 0;
        // What is in the browser, which the module does not show.
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (message) {{
            if (this.url === {json.dumps(endpoint)}) window.highest = Math.max(window.highest, this.bufferedAmount);
            send.call(this, message);
        }};
        // Messages over 64 KiB leave Chromium in fragments, which libzmq does not take.
        const payload = new Uint8Array({PAYLOAD});
        work.onwritable = () => {{
            while (window.accepted < {count} && work.send(String(window.accepted), payload)) window.accepted += 1;
            if (window.accepted < {count}) window.refusals += 1;
        }};
        work.onwritable();
    }})()""")
    # Before there is a connection, only the queue takes messages.
    assert await page.evaluate("window.refusals") >= 1
    await page.wait("the buffers to be full", "window.accepted > 54")
    assert await page.evaluate(f"window.accepted < {count}"), "nothing was held back"
    peer.tell("read")
    await page.wait("all messages to be accepted", f"window.accepted === {count}")
    # At most the limit, and the frames of the message that exceeds it.
    assert await page.evaluate("window.highest") <= (1 << 18) + PAYLOAD + 100
    peer.expect_exit()


async def wire(browser, servers):
    """The bytes of subscriptions and requests; peers that break the protocol; wrong uses."""
    async with Wire() as peer:
        page = await browser.open(servers.url(**servers.endpoints))
        await page.evaluate(f"""(async () => {{
            const {{ Socket, text }} = await import("./zmq.js");
            window.make = (type, path, options, url = {json.dumps(peer.url)}) => new Socket(type, url + path, options);
            window.texts = (frames) => frames.map(text);
            /** Why the first attempt to connect ends. */
            window.end = (type, path, options, url) => new Promise((resolve) => {{
                const socket = make(type, path, {{ reconnectInterval: 1e6, ...options }}, url);
                socket.onclose = (reason) => {{ socket.close(); resolve(reason); }};
            }});
            window.error = async (body) => {{
                try {{ await body(); }} catch (error) {{ return error.message; }}
            }};
        }})()""")
        received = await page.evaluate("""new Promise((resolve) => {
            const socket = make("SUB", "/topics"), log = [];
            for (const topic of ["early", "late"]) socket.subscribe(topic);
            socket.onopen = () => socket.unsubscribe("early");
            socket.onclose = (reason) => log.push(reason);
            socket.onmessage = (frames) => {
                log.push(texts(frames));
                if (frames.length === 1) { socket.close(); resolve(log); }
            };
        })""")
        assert received == [["late 1", "ä"], "restarting", ["late 2"]], received

        replies = await page.evaluate("""(async () => {
            const socket = make("REQ", "/requests", { routingID: "name", sendHighWaterMark: 2 });
            const first = socket.request("first", Uint8Array.of(0, 255));
            const lost = error(() => socket.request("second"));
            const full = error(() => socket.request("none"));
            const reply = texts(await first);
            return [reply, await full, await lost, socket.close()];
        })()""")
        assert replies[:2] == [["one"], "too many requests wait"], replies
        assert replies[2] == "there is no reply: the connection has ended", replies

        for path, expected, options in (
            ("text", "the peer does not speak ZWS 2.0", {}),
            ("flags", "the peer does not speak ZWS 2.0", {}),
            ("empty", "the peer does not speak ZWS 2.0", {}),
            ("stranger", "the peer sends no routing id", {}),
            ("silent", "the peer does not answer", {"handshakeInterval": 100}),
            ("refusing", "peers like this are not allowed", {}),
        ):
            found = await page.evaluate(f"end('SUB', '/{path}', {json.dumps(options)})")
            assert found == expected, f"{path}: {found}"
        # A path that a server of ours does not have; the browser shows no more than this.
        weather_endpoint, tasks_endpoint = (json.dumps(servers.endpoints[name]) for name in ("weather", "tasks"))
        found = await page.evaluate(f"end('SUB', '', {{}}, {weather_endpoint} + '/nowhere')")
        assert found == "there is no connection", found
        # A request in fragments.
        replies = await page.evaluate(f"""(async () => {{
            const socket = make("REQ", "", {{}}, {tasks_endpoint});
            return [texts(await socket.request("add", "x".repeat(1_000_000))), socket.close()];
        }})()""")
        assert replies[0] == ["refused", "a task has 1 to 100 characters"], replies

        for use, expected in (
            ("make('PUB', '/silent')", "PUB is none of DEALER, PAIR, PUSH, PULL, REQ, SUB"),
            ("make('SUB', '/silent').send('x')", "a SUB cannot do this"),
            ("make('PUSH', '/silent').request('x')", "a PUSH cannot do this"),
            ("make('PUSH', '/silent').send(5)", "a frame is a string or a Uint8Array"),
            ("(() => { const closed = make('PUSH', '/silent'); closed.close(); closed.send('x'); })()", "the socket is closed"),
        ):
            found = await page.evaluate(f"error(() => {use})")
            assert found == expected, f"{use}: {found}"
        assert not peer.faults, peer.faults
    return [page]
