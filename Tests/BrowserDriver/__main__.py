"""Runs the scenarios, each with servers of its own.

usage: python3 -m BrowserDriver PROGRAMS FILES [--screenshots DIRECTORY | SCENARIO …]
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
from .status import show_sample


# What scenarios need in addition to the servers.
FREE = "weather", "tasks", "board", "work", "frontend", "backend", "status"


async def run(scenario, browser, programs, files):
    with Ports() as ports, Servers(programs, files, ports) as servers:
        servers.free = {name: ports.free() for name in FREE}
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


async def take_screenshots(programs, files, directory):
    """The pictures of the documentation."""
    async with Chromium() as browser, show_sample(browser, programs) as page:
        await save(page, directory / "status.png")
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
            await save(page, directory / "browser.png")
    return 0


async def save(page, path):
    """Light and dark, under the names of DocC."""
    await page.screenshot(path)
    await page.screenshot(path.with_stem(f"{path.stem}~dark"), dark=True)


def main(programs, files, *rest):
    programs, files = Path(programs), Path(files)
    if rest[:1] == ("--screenshots",):
        return asyncio.run(take_screenshots(programs, files, Path(rest[1])))
    return asyncio.run(check(programs, files, rest))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(*sys.argv[1:]))
    sys.exit(130)
