"""The studio page as it goes over the wire: weight of HTML, CSS and JS, compressed, and its database queries."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from bench.table import show
from bench.workbench import workbench

TAKES = 40
ASSET = re.compile(r'(?:href|src)="(/static/[^"?]+\.(css|js))"')


def main() -> None:
    with workbench() as bench:
        from bench.rows import finished

        user = bench.maker()
        finished(user, TAKES)
        html, queries = _fetch(user)
        files = {"HTML": html, **_assets(html.decode())}
        rows = [[kind, len(content), len(gzip.compress(content, 6))] for kind, content in files.items()]
        rows.append(["all", *(sum(row[index] for row in rows) for index in (1, 2))])
        show(
            f"Studio page with {TAKES} takes",
            [["", "bytes", "gzip"], *rows],
            note=f"{queries} queries for the page. Without posters; scripts include the vendored htmx.",
        )


def _fetch(user) -> tuple[bytes, int]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    client.get("/studio/")
    with CaptureQueriesContext(connection) as captured:
        response = client.get("/studio/")
    assert response.status_code == 200, response.status_code
    return response.content, len(captured)


def _assets(html: str) -> dict[str, bytes]:
    """What the page names, and what its modules import."""
    from django.contrib.staticfiles import finders

    found: dict[str, dict[str, bytes]] = {"css": {}, "js": {}}
    waiting = [(address.removeprefix("/static/"), kind) for address, kind in ASSET.findall(html)]
    while waiting:
        name, kind = waiting.pop()
        path = finders.find(name)
        if name in found[kind] or path is None:
            continue
        found[kind][name] = Path(path).read_bytes()
        if kind == "js":
            imports = re.findall(rb'from\s+"\./([^"]+\.js)"', found[kind][name])
            waiting += [(f"{Path(name).parent}/{other.decode()}", "js") for other in imports]
    return {kind.upper(): b"".join(files.values()) for kind, files in found.items()}


if __name__ == "__main__":
    main()
