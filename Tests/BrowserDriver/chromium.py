"""Chromium without a window, driven by the DevTools protocol."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import signal
import tempfile
from pathlib import Path

import websockets

from .programs import SECONDS

OPTIONS = (
    "--headless", "--remote-debugging-port=0", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--mute-audio",
    # A page in the background is to work as the one in front.
    "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding", "--disable-background-timer-throttling",
)


async def nothing():
    return ""


async def wait_for(what, condition, state=nothing):
    """Waits for an asynchronous condition; returns what it is. The state is shown when that takes too long."""
    deadline = asyncio.get_running_loop().time() + SECONDS
    while not (value := await condition()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"still waiting for {what} after {SECONDS:g} s\n{await state()}")
        await asyncio.sleep(0.02)
    return value


class Chromium:
    """A browser and the connection to it; an asynchronous context."""

    async def __aenter__(self):
        self._ids = itertools.count(1)
        self._answers = {}
        self._pages = {}
        self._directory = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        profile = Path(self._directory.name)
        options = [*OPTIONS, f"--user-data-dir={profile}"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        with open(profile / "log", "wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                "chromium", *options, "about:blank", stdout=log, stderr=log, start_new_session=True
            )
        try:
            await self._connect(profile)
        except BaseException:
            await self._end()
            raise
        return self

    async def _connect(self, profile):
        async def read_port():
            if self._process.returncode is not None:
                raise AssertionError(f"Chromium has ended:\n{(profile / 'log').read_text(errors='replace')}")
            with contextlib.suppress(FileNotFoundError):
                lines = (profile / "DevToolsActivePort").read_text().split("\n")
                return lines if len(lines) == 2 else None

        port, path = await wait_for("Chromium", read_port)
        # Screenshots are large.
        self._connection = await websockets.connect(f"ws://127.0.0.1:{port}{path}", max_size=None, ping_interval=None)
        self._reader = asyncio.create_task(self._read())

    async def __aexit__(self, *_):
        self._reader.cancel()
        await self._connection.close()
        await self._end()

    async def _end(self):
        # Its processes are a group of their own.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        self._directory.cleanup()

    async def _read(self):
        async for message in self._connection:
            event = json.loads(message)
            if "id" in event:
                self._answers.pop(event["id"]).set_result(event)
            elif event["method"] == "Runtime.exceptionThrown":
                details = event["params"]["exceptionDetails"]
                self._pages[event["sessionId"]].faults.append(
                    details.get("exception", {}).get("description", details["text"])
                )

    async def call(self, method, session=None, **parameters):
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        request = {"id": number, "method": method, "params": parameters}
        await self._connection.send(json.dumps(request | ({"sessionId": session} if session else {})))
        result = await asyncio.wait_for(answer, SECONDS)
        if "error" in result:
            raise AssertionError(f"{method}: {result['error']['message']}")
        return result["result"]

    async def open(self, url, width=1100, height=800):
        """A page in a window of its own."""
        target = (await self.call("Target.createTarget", url="about:blank", newWindow=True))["targetId"]
        session = (await self.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        page = self._pages[session] = Page(self, session)
        await page.call("Runtime.enable")
        await page.call("Page.enable")
        await page.size(width, height)
        await page.call("Page.navigate", url=url)
        await page.wait("the page to be loaded", f"location.href === {json.dumps(url)} && document.readyState === 'complete'")
        return page


class Page:
    def __init__(self, browser, session):
        self.browser = browser
        self.session = session
        # Exceptions that nothing has caught.
        self.faults = []

    async def call(self, method, **parameters):
        return await self.browser.call(method, self.session, **parameters)

    async def size(self, width, height, scale=1):
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )

    async def evaluate(self, expression):
        """The value of an expression, or of the promise that it is."""
        result = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise AssertionError(f"{expression}: {details.get('exception', {}).get('description', details['text'])}")
        return result["result"].get("value")

    async def wait(self, what, expression):
        """Waits until an expression is true; returns its value."""

        async def state():
            return "\n".join([*self.faults, "The page shows:", str(await self.evaluate("document.body.innerText"))])

        return await wait_for(what, lambda: self.evaluate(expression), state)

    async def text(self, selector):
        return await self.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")

    async def click(self, selector):
        """Presses and releases the mouse in the middle of an element."""
        box = await self.evaluate(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)}); found.scrollIntoView();"
            "const box = found.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    async def type(self, selector, text):
        """Enters text into a field, in the place of what is there, and Enter."""
        await self.evaluate(f"document.querySelector({json.dumps(selector)}).select()")
        await self.call("Input.insertText", text=text)
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text="\r", **key)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **key)

    async def screenshot(self, path, dark=False):
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        await self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
        image = await self.call("Page.captureScreenshot", format="png")
        Path(path).write_bytes(base64.b64decode(image["data"]))
