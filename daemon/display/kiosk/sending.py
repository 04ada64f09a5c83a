"""A file as an HTTP answer: whole, or the one range that a player asks for, never in memory."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from io import FileIO
from types import MappingProxyType
from typing import TypeVar, cast

from microdot import Request, Response

from daemon.display.kiosk.ranges import Span, Unsatisfiable, span_of

SENT_BYTES = 64 * 1024  # of a file at once: read in a blink, also from a slow card
FOREVER = "public, max-age=31536000, immutable"  # the address names the bytes

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self';"
    " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
SAFE: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)

T = TypeVar("T")


async def beside(reading: Executor, work: Callable[[], T]) -> T:
    """Do what blocks (a slow card) in a thread of its own."""
    return await asyncio.get_running_loop().run_in_executor(reading, work)


def file_answer(
    request: Request, file: FileIO, *, kind: str, etag: str, reading: Executor
) -> Response:
    """Return the answer; it closes the file when it is done or given up."""
    size = os.fstat(file.fileno()).st_size
    headers = {
        **SAFE,
        "Content-Type": kind,
        "Cache-Control": FOREVER,
        "ETag": f'"{etag}"',
        "Accept-Ranges": "bytes",
    }
    span = span_of(request.headers.get("Range"), size)
    status = 200 if span is None else 206
    if request.headers.get("If-None-Match") == headers["ETag"]:
        status, span = 304, None
    elif isinstance(span, Unsatisfiable):
        status, headers["Content-Range"] = 416, f"bytes */{size}"
    elif span is not None:
        headers["Content-Range"] = f"bytes {span.first}-{span.last}/{size}"
    if status in (304, 416):
        file.close()
        return Response(b"", status, headers)
    whole = span if isinstance(span, Span) else Span(0, size - 1)
    headers["Content-Length"] = str(whole.length)
    if request.method == "HEAD":
        file.close()
        return Response(b"", status, headers)
    return Response(streamed(_sent(file, whole, reading)), status, headers)


def streamed(chunks: AsyncIterator[bytes]) -> bytes:
    """Return what microdot sends piece by piece; its types know of whole bodies only."""
    return cast(bytes, chunks)


async def _sent(file: FileIO, span: Span, reading: Executor) -> AsyncIterator[bytes]:
    """Yield the bytes of a span; fewer when the file has been cut meanwhile."""
    with file:
        at, end = span.first, span.last + 1
        while at < end:
            length = min(SENT_BYTES, end - at)
            chunk = await beside(reading, partial(os.pread, file.fileno(), length, at))
            if not chunk:
                return
            at += len(chunk)
            yield chunk
