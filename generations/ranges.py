"""Sends private files the way players need them: byte ranges, validators, nothing in shared caches.

Without 206 a browser cannot seek in a video, and Django's FileResponse knows no ranges. Rules are RFC 9110 §13 and §14:
one range per answer (several get the whole file, as §14.2 allows), a malformed one is ignored, one beyond the end is
416. WSGI only: under ASGI a file iterator is read into memory as a whole. Callers have checked the permission.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, parse_http_date_safe, quote_etag

CHUNK = 128 << 10
RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,19})-([0-9]{0,19})[ \t]*", re.IGNORECASE)


def serve_file(
    request: HttpRequest,
    path: Path,
    *,
    content_type: str,
    etag: str,
    last_modified: datetime,
    download_name: str | None = None,
    max_age: int = 600,
) -> HttpResponseBase:
    """The file, a range of it, or 304, 412, 416. `etag` names these bytes; `last_modified` is aware; `max_age` seconds.

    Raises FileNotFoundError when the file is gone.
    """
    return serve_parts(
        request,
        lambda start, stop: _Part(path.open("rb"), start, stop),
        size=path.stat().st_size,
        content_type=content_type,
        etag=etag,
        last_modified=last_modified,
        download_name=download_name,
        max_age=max_age,
    )


def serve_parts(
    request: HttpRequest,
    open_part: Callable[[int, int], Iterator[bytes]],
    *,
    size: int,
    content_type: str,
    etag: str,
    last_modified: datetime,
    download_name: str | None = None,
    max_age: int = 600,
) -> HttpResponseBase:
    """As `serve_file`, for bytes from anywhere: `open_part(start, stop)` begins to read them, or raises at once."""
    etag, modified = quote_etag(etag), int(last_modified.timestamp())
    headers = _headers(etag, max_age) | {"Last-Modified": http_date(modified), "Content-Type": content_type}
    if disposition := content_disposition_header(bool(download_name), download_name or ""):
        headers["Content-Disposition"] = disposition
    unsent = HttpResponse(headers=headers)
    answer = get_conditional_response(request, etag, modified, unsent)
    if answer is not None and answer is not unsent:
        return answer
    if request.method == "HEAD":
        unsent["Content-Length"] = size
        return unsent
    return _stream(request, open_part, size, headers, (etag, modified))


def redirect_to_object(
    request: HttpRequest, *, url: str, size: int, content_type: str, etag: str, max_age: int = 600
) -> HttpResponseBase:
    """302 to a signed URL; a HEAD is answered from what the row knows, as a URL signed for GET refuses it.

    `max_age` must end before the URL does.
    """
    headers = _headers(quote_etag(etag), max_age)
    if request.method == "HEAD":
        return HttpResponse(headers=headers | {"Content-Type": content_type, "Content-Length": str(size)})
    del headers["ETag"], headers["Accept-Ranges"]  # they describe the object, not the way to it
    return HttpResponseRedirect(url, headers=headers)


def _headers(etag: str, max_age: int) -> dict[str, str]:
    return {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": f"private, max-age={max_age}",
        "Vary": "Cookie",
        "X-Content-Type-Options": "nosniff",
    }


def _stream(
    request: HttpRequest,
    open_part: Callable[[int, int], Iterator[bytes]],
    size: int,
    headers: dict[str, str],
    validators: tuple[str, int],
) -> HttpResponseBase:
    wanted = _wanted(request.headers.get("Range", ""), size) if _range_holds(request, *validators) else None
    if wanted is None:
        start, stop, status = 0, size, 200
    else:
        start, stop, status = *wanted, 206
        if start >= stop:
            return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
        headers = headers | {"Content-Range": f"bytes {start}-{stop - 1}/{size}"}
    headers = headers | {"Content-Length": str(stop - start)}
    return StreamingHttpResponse(open_part(start, stop), status=status, headers=headers)


def _range_holds(request: HttpRequest, etag: str, modified: int) -> bool:
    """Whether If-Range, when there is one, names the bytes we have: by a strong ETag, or by the exact date."""
    condition = request.headers.get("If-Range", "").strip()
    if not condition:
        return True
    if condition.startswith(('"', "W/")):
        return condition == etag and not etag.startswith("W/")
    return parse_http_date_safe(condition) == modified


def _wanted(header: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last: empty when there is no such part, None when the header is ignored."""
    match = RANGE.fullmatch(header.strip())
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size


class _Part(Iterator[bytes]):
    """Bytes of a file in bounded chunks. A class, since a generator that was never started does not close its file."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self.file, self.left = file, stop - start
        file.seek(start)

    def __next__(self) -> bytes:
        chunk = self.file.read(min(CHUNK, self.left))
        if not chunk:
            raise StopIteration
        self.left -= len(chunk)
        return chunk

    def close(self) -> None:
        self.file.close()
