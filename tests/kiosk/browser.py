"""A real headless Chromium, told what to do by its own DevTools protocol over a pipe.

Messages are JSON objects that end in a zero byte, ours on its descriptor 3, its own on 4
(--remote-debugging-pipe): no port, no WebSocket, nothing to install beside the browser.
"""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

WITHIN_S = 20.0  # a cold start on a busy machine; an answer is normally there in a blink
NAMES = ("chromium", "chromium-browser")
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
KEPT = ("Network.requestWillBeSent", "Network.responseReceived")  # of what happens in the page

Message = Mapping[str, object]


class BrowserError(Exception):
    """The browser did not do what it was told; says what."""


def installed() -> str | None:
    """Return the browser's path; None when there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One browser with one page."""

    def __init__(self, *, width: int = 1920, height: int = 1080) -> None:
        self._profile = tempfile.mkdtemp(prefix="chromium-")
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        self._process = _started(self._profile, theirs_in, theirs_out, width, height)
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer = b""
        self._number = 0
        self._session = ""
        self.events: list[Message] = []
        self._attach(width, height)

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._to)
        os.close(self._from)
        shutil.rmtree(self._profile, ignore_errors=True)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what a test does ----------------------------------------------------------------------

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def ask(self, script: str):
        """Return what an expression in the page is now; a promise is waited for."""
        said = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        result = said["result"]
        assert isinstance(result, dict)
        if "exceptionDetails" in said:
            raise BrowserError(f"{script}: {result.get('description')}")
        return result.get("value")

    def until(self, script: str, within_s: float = WITHIN_S) -> None:
        """Wait until an expression holds; raise BrowserError with what the page shows instead."""
        deadline = time.monotonic() + within_s
        while not self.ask(f"Boolean({script})"):
            if time.monotonic() > deadline:
                shown = self.ask("document.body?.dataset.view + ': ' + document.body?.innerText")
                raise BrowserError(f"waited {within_s:.0f} s for {script}; the page shows {shown}")
            time.sleep(0.02)

    def seen(self) -> str:
        """Return the text that a person sees now."""
        return str(
            self.ask(
                "[...document.querySelectorAll('section, footer')]"
                ".filter(s => getComputedStyle(s).visibility === 'visible')"
                ".map(s => s.innerText).join('\\n')"
            )
        )

    def picture(self, path: Path) -> None:
        said = self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(str(said["data"])))

    def size(self, width: int, height: int) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def requests(self) -> Sequence[str]:
        """Return every address that the page has asked for."""
        self.ask("1")  # events come before the answer
        return [
            str(_inner(event, "params", "request")["url"])
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]

    def heap_bytes(self) -> int:
        """Return what the page's own objects take, once garbage is gone."""
        self.call("HeapProfiler.collectGarbage")
        return int(str(self.call("Runtime.getHeapUsage")["usedSize"]))

    def call(self, method: str, **params: object) -> Message:
        """Return the answer to one command of the protocol."""
        self._number += 1
        number = self._number
        asked: dict[str, object] = {"id": number, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        answer = self._until(lambda said: said.get("id") == number, f"the answer to {method}")
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']}")
        return _inner(answer, "result")

    # -- inside --------------------------------------------------------------------------------

    def _attach(self, width: int, height: int) -> None:
        deadline = time.monotonic() + WITHIN_S
        while not (pages := self._pages()):
            if time.monotonic() > deadline:
                raise BrowserError("the browser has no page")
            time.sleep(0.02)
        said = self.call("Target.attachToTarget", targetId=pages[0], flatten=True)
        self._session = str(said["sessionId"])
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")
        self.size(width, height)

    def _pages(self) -> Sequence[str]:
        targets = self.call("Target.getTargets")["targetInfos"]
        assert isinstance(targets, list)
        return [str(one["targetId"]) for one in targets if one["type"] == "page"]

    def _until(self, wanted: Callable[[Message], bool], what: str) -> Message:
        deadline = time.monotonic() + WITHIN_S
        while True:
            while b"\0" in self._buffer:
                line, _, self._buffer = self._buffer.partition(b"\0")
                said: Message = json.loads(line)
                if wanted(said):
                    return said
                if said.get("method") in KEPT:
                    self.events.append(said)
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not select.select([self._from], [], [], left_s)[0]:
                raise BrowserError(f"waited {WITHIN_S:.0f} s for {what}")
            data = os.read(self._from, 1 << 20)
            if not data:
                raise BrowserError(f"the browser has ended, before {what}")
            self._buffer += data


def _started(
    profile: str, ours: int, theirs: int, width: int, height: int
) -> subprocess.Popen[bytes]:
    program = installed()
    if program is None:
        raise BrowserError("Chromium is missing: apt-get install chromium")
    command = [program, *FLAGS, f"--user-data-dir={profile}"]
    command += [f"--window-size={width},{height}", "about:blank"]

    def arrange() -> None:
        os.setsid()
        high_in, high_out = os.dup(ours), os.dup(theirs)  # neither is 3 or 4 by chance
        while high_in in (3, 4):
            high_in = os.dup(high_in)
        while high_out in (3, 4):
            high_out = os.dup(high_out)
        os.dup2(high_in, 3)
        os.dup2(high_out, 4)

    with open(os.devnull, "wb") as nothing:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=nothing,
            stderr=nothing,
            preexec_fn=arrange,  # noqa: PLW1509 - the test has no threads at this point
            pass_fds=(3, 4),
        )


def _inner(said: Message, *path: str) -> Message:
    for step in path:
        inner = said[step]
        assert isinstance(inner, dict), said
        said = inner
    return said
