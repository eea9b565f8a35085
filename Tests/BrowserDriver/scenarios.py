"""What `Tests/browser` checks: the sample page at our servers and at libzmq's, and the module at any. Each scenario returns its
pages, none of which may have had an uncaught exception."""

import asyncio
import json
import subprocess
import sys
import tempfile

from .module import PAYLOAD, hold_back, wire
from .programs import Program
from .status import status

OPEN_TASKS = "[...document.querySelectorAll('#tasks label:not(.done) span')].map((span) => span.textContent)"
DONE_TASKS = "[...document.querySelectorAll('#tasks label.done span')].map((span) => span.textContent)"
CONNECTED = "document.querySelectorAll('.state.open').length === 2"


def updates(zip_code):
    """The number of updates that the page shows for a place."""
    return f"parseInt(document.querySelector('[data-zip=\"{zip_code}\"] .rest').textContent.split(', ')[1] ?? 0)"


async def check_board(first, second, task):
    """A task that is added in one page is shown in the other, which finishes it."""
    await first.type("#task", task)
    for page in (first, second):
        await page.wait(f"the task {task!r}", f"{OPEN_TASKS}.includes({json.dumps(task)})")
    await first.wait("the field to be empty", "document.querySelector('#task').value === ''")
    position = await second.evaluate(
        f"[...document.querySelectorAll('#tasks span')].findIndex((span) => span.textContent === {json.dumps(task)})"
    )
    await second.click(f"#tasks li:nth-child({position + 1}) input")
    for page in (first, second):
        await page.wait(f"{task!r} to be finished", f"{DONE_TASKS}.includes({json.dumps(task)})")


async def check_weather(page, *places):
    for place in places:
        await page.wait(f"two updates for {place}", f"{updates(place)} >= 2")
        temperature = await page.text(f"[data-zip='{place}'] .temperature")
        assert -80 <= int(temperature.removesuffix(" °F").replace("−", "-")) < 135, temperature


async def weather(browser, servers):
    """Live values of three places; others are subscribed to and unsubscribed from."""
    page = await browser.open(servers.url(**servers.endpoints))
    await page.wait("connections", CONNECTED)
    await check_weather(page, "10001", "60601", "94103")
    await page.type("#zip", "1234")  # the browser refuses it
    await page.type("#zip", "12345")
    await check_weather(page, "12345")
    await page.click("[data-zip='10001'] button")
    await page.wait("the place to be gone", "!document.querySelector('[data-zip=\"10001\"]')")
    seen = await page.evaluate(updates("12345"))
    await page.wait("further updates", f"{updates('12345')} >= {seen + 2}")
    shown = await page.evaluate("[...document.querySelectorAll('#places li')].map((place) => place.dataset.zip)")
    assert shown == ["60601", "94103", "12345"], shown
    return [page]


async def tasks(browser, servers):
    """Two pages show the same tasks; a refusal is explained."""
    first, second = [await browser.open(servers.url(**servers.endpoints)) for _ in range(2)]
    for page in (first, second):
        await page.wait("the first task", f"{OPEN_TASKS}.includes('Open this page in a second window')")
    await check_board(first, second, "Water the <plants> & trees, grün")
    await check_board(second, first, "Feed the cat")
    await first.type("#task", "   ")
    await first.wait("the refusal", "document.querySelector('#problem').textContent.startsWith('a task has 1 to 100 ')")
    await check_board(first, second, "Sleep")
    assert await first.text("#problem") == ""
    return [first, second]


async def restart(browser, servers):
    """Servers are frozen, killed and started again; pages wait, say so, and go on."""
    pages = [await browser.open(servers.url(**servers.endpoints)) for _ in range(2)]
    for page in pages:
        await page.wait("connections", CONNECTED)
        await page.wait("the tasks", f"{OPEN_TASKS}.length > 0")
    await check_board(*pages, "Before")
    # A request that has been sent, and has no reply.
    servers.running["task-board"].freeze()
    await pages[0].type("#task", "Lost")
    servers.running["task-board"].kill()
    servers.running["weather-server"].kill()
    await pages[0].wait("the error", "document.querySelector('#problem').textContent.startsWith('there is no reply: ')")
    for page in pages:
        await page.wait("the states", "document.querySelectorAll('.state:not(.open)').length === 2")
        for state, name in (("#weather-state", "weather"), ("#board-state", "")):
            shown = await page.text(state)
            assert servers.endpoints["weather" if name else "tasks"][:14] in shown and "; trying again" in shown, shown
        assert await page.evaluate("document.querySelector('#add button').disabled")
        await page.evaluate("window.isSame = true")
    seen = await pages[0].evaluate(updates("60601"))
    servers.start("weather-server", "task-board")
    for page in pages:
        await page.wait("connections", CONNECTED)
        await page.wait("the new server's tasks", f"{OPEN_TASKS}.length === 1 && {DONE_TASKS}.length === 0")
        assert await page.evaluate("window.isSame"), "the page was loaded again"
    await pages[0].wait("further updates", f"{updates('60601')} > {seen}")
    await check_board(*pages, "After")
    return pages


async def libzmq(browser, servers):
    """The same page at libzmq's sockets; and a PUSH, whose peer does not read for a while, is held back."""
    endpoints, count = {name: f"ws://127.0.0.1:{port}/{name}" for name, port in servers.free.items()}, 1000
    ready = "weather", "tasks", "board", "work"
    module = [sys.executable, "-B", "-m", "BrowserDriver.libzmq_servers"]
    with Program(*module, *(endpoints[name] for name in ready), count, PAYLOAD) as peer:
        peer.expect_output("ready")
        query = {name: endpoints[name] for name in ready[:3]}
        first, second = [await browser.open(servers.url(**query)) for _ in range(2)]
        for page in (first, second):
            await page.wait("connections", CONNECTED)
            await page.wait("the tasks", f"{OPEN_TASKS}.includes('A task of libzmq')")
        await check_weather(first, "10001", "60601", "94103")
        await check_board(first, second, "A task of the page")
        await hold_back(first, endpoints["work"], count, peer)
    return [first, second]


async def secure(browser, servers):
    """Weather by wss: not from a server whose certificate the browser does not trust, and then from the same."""
    endpoint = f"wss://127.0.0.1:{servers.free['weather']}/weather"
    with tempfile.TemporaryDirectory() as directory:
        certificate, key = f"{directory}/server.pem", f"{directory}/server.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )
        options = "--option", f"tls.certificate-file={certificate}", "--option", f"tls.private-key-file={key}"
        with Program(servers.programs / "zmqcat", "pub", "--bind", endpoint, *options) as server:
            page = await browser.open(servers.url(**servers.endpoints | {"weather": endpoint}))
            await page.wait("the refusal", "document.querySelector('#weather-state').textContent.includes('trying again')")
            await page.call("Security.setIgnoreCertificateErrors", ignore=True)
            await page.wait("connections", CONNECTED)

            async def publish():
                while True:
                    server.tell("10001 50 40")
                    await asyncio.sleep(0.01)

            publisher = asyncio.create_task(publish())
            try:
                await check_weather(page, "10001")
                assert await page.text("[data-zip='10001'] .temperature") == "50 °F"
            finally:
                publisher.cancel()
    return [page]


SCENARIOS = (weather, tasks, restart, libzmq, secure, wire, status)
