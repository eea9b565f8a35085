"""Runs the scenarios, each with servers of its own.

usage: python3 -m BrowserDriver PROGRAMS FILES [--screenshot PATH | SCENARIO …]
"""

import asyncio
import contextlib
import sys
import time
import traceback
from pathlib import Path

from .chromium import Chromium
from .programs import Ports, Servers
from .scenarios import OPEN_TASKS, SCENARIOS, check_board, updates


async def run(scenario, browser, programs, files):
    with Ports() as ports, Servers(programs, files, ports) as servers:
        servers.free = {name: ports.free() for name in ("weather", "tasks", "board", "work")}
        pages = await scenario(browser, servers)
        faults = [fault for page in pages for fault in page.faults]
        assert not faults, "\n".join(faults)


async def check(programs, files, names):
    chosen = [scenario for scenario in SCENARIOS if not names or scenario.__name__ in names]
    failed = []
    async with Chromium() as browser:
        for scenario in chosen:
            began = time.monotonic()
            try:
                await run(scenario, browser, programs, files)
            except Exception:
                failed.append(scenario.__name__)
                traceback.print_exc()
            verdict = "FAILED" if scenario.__name__ in failed else "ok"
            print(f"{scenario.__name__:10} {verdict:6} {time.monotonic() - began:5.1f} s  {scenario.__doc__}", flush=True)
    return 1 if failed or not chosen else 0


async def take_screenshot(programs, files, path):
    """The picture of the documentation."""
    with Ports() as ports, Servers(programs, files, ports, interval=0) as servers:
        async with Chromium() as browser:
            page = await browser.open(servers.url(zips="10001,20500,60601,94103", **servers.endpoints), 1060, 700)
            await page.wait("the tasks", f"{OPEN_TASKS}.length > 0")
            for task in ("Water the plants", "Feed the cat"):
                await check_board(page, page, task)
            for task in ("Write to the Smiths", "Learn about sockets"):
                await page.type("#task", task)
                await page.wait("the task", f"{OPEN_TASKS}.includes('{task}')")
            await page.wait("a graph", f"{updates('94103')} >= 60")
            height = await page.evaluate("document.documentElement.scrollHeight")
            await page.size(1060, height)
            await page.evaluate("document.activeElement.blur()")
            await page.screenshot(path)
            # The names of DocC.
            await page.screenshot(Path(path).with_stem(f"{Path(path).stem}~dark"), dark=True)
    return 0


def main(programs, files, *rest):
    programs, files = Path(programs), Path(files)
    if rest[:1] == ("--screenshot",):
        return asyncio.run(take_screenshot(programs, files, rest[1]))
    return asyncio.run(check(programs, files, rest))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(*sys.argv[1:]))
    sys.exit(130)
