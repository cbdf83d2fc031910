"""One gallery of many clips, in a process of its own that answers for it: see `bench.gallery`."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench.busy import busy
from bench.plans import whole_table_reads
from bench.workbench import workbench

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from accounts.models import User
    from teams.models import Project

NEWEST = 1_000  # the same in each library, so that its pages show the same
LAST = timedelta(days=1)  # in which they were made
DEEP = 500  # pages
PART = re.compile("before|facets")  # what a page asks for once it is there
TABLES = "generations_(generation|scene|searchentry|tagging|favourite|event)"


@dataclass(frozen=True)
class Call:
    """Seconds on the clock and on the processors, and what came."""

    clock: float
    busy: float
    queries: int
    bytes: int


def serve(pipe: Connection, size: int, *, servers: bool) -> None:
    """Answers "fill" first, with the seconds it took; then "pages", the name of one, "scans", until it is hung up."""
    with workbench(servers=servers) as bench, suppress(EOFError):
        user = bench.maker()
        pipe.recv()
        pipe.send(_fill(user, size))
        pages = _pages(user)
        while word := pipe.recv():
            match word:
                case "pages":
                    pipe.send(list(pages))
                case "scans":
                    pipe.send(whole_table_reads(lambda: [call() for call in pages.values()], TABLES))
                case _:
                    pipe.send(_measured(pages[word]))


def _fill(user: User, size: int) -> float:
    from django.db import connection

    from generations import clock, gallery_seed

    began = time.monotonic()
    if size > NEWEST:
        gallery_seed.fill(user, size - NEWEST, until=clock.now() - LAST)
    gallery_seed.fill(user, NEWEST, span=LAST)
    seconds = time.monotonic() - began
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as its autovacuum would
    return seconds


def _pages(user: User) -> dict[str, Callable[[], Any]]:
    from django.test import Client

    from generations.lens import Lens
    from generations.models import Generation

    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    newest = Generation.objects.filter(owner=user, status="ready").latest("pk")
    view = f"project={newest.project.uuid}"
    oldest = Lens.read("sort=oldest", newest.project)

    def get(address: str) -> Callable[[], Any]:
        return lambda: client.get(address, headers={"hx-request": "true"} if PART.search(address) else {})

    return {
        "first page": get(f"/studio/?{view}"),
        f"page {DEEP} by scrolling": get(f"/studio/?{view}&before={_deep_scene(newest.project)}"),
        "filtered": get(f"/studio/?{view}&show=clips"),
        f"filtered, page {DEEP}": get(f"/studio/?{oldest.query}&before={_deep_take(oldest, user)}"),
        "ordered by length": get(f"/studio/?{view}&sort=longest"),
        "mine": get(f"/studio/?{view}&scope=mine"),
        "mine, best rated": get(f"/studio/?{view}&scope=mine&sort=rating"),
        "whole team": get(f"/studio/?{view}&scope=team"),
        "one person's": get(f"/studio/?{view}&person={user.uuid}"),
        "filtered, many match": get(f"/studio/?{view}&ratio=16:9"),
        "filtered, few match": get(f"/studio/?{view}&ratio=3:4&rating=5&show=picked&audio=1"),
        "search, few hits": get(f"/studio/?{view}&q={newest.seed}"),
        "search, many hits": get(f"/studio/?{view}&q=harbour"),
        "search, Chinese": get(f"/studio/?{view}&q=海港"),
        "search, Chinese, few hits": get(f"/studio/?{view}&q=老茶师缓缓离开海港+蓝调时刻+升镜头"),
        "search in mine": get(f"/studio/?{view}&scope=mine&q=harbour"),
        "search, a phrase": get(f"/studio/?{view}&q=%22leaves+the+harbour%22"),
        "search, best rated": get(f"/studio/?{view}&sort=rating&q=harbour"),
        "counts": get(f"/studio/facets?{view}"),
        "counts of a search": get(f"/studio/facets?{view}&q=harbour"),
        "counts of few": get(f"/studio/facets?{view}&q={newest.seed}"),
        "clip page": get(newest.get_absolute_url()),
    }


def _deep_scene(project: Project) -> str:
    """The cursor of a page far down, or of the last but one where there are not so many."""
    from generations import cursor
    from generations.models import Scene
    from generations.stream import SCENES

    scenes = Scene.objects.filter(project=project).order_by("-latest_take_at", "-pk")
    place = min(DEEP * SCENES, scenes.count() - SCENES)
    latest, key = scenes.values_list("latest_take_at", "pk")[place - 1]
    return quote(cursor.write(f"scenes {project.pk}", [latest.isoformat(), key]))


def _deep_take(lens: Any, user: User) -> str:
    from generations import cursor
    from generations.wall import PAGE

    keys = lens.queryset(user).order_by(*lens.order).values_list("pk", flat=True)
    place = min(DEEP * PAGE, keys.count() - PAGE)
    return quote(cursor.write(lens.query, [keys[place - 1]]))


def _measured(call: Callable[[], Any]) -> Call:
    from django.db import connection

    queries = 0

    def count(execute: Any, *query: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*query)

    with connection.execute_wrapper(count):
        begun, began = busy(), time.perf_counter()
        response = call()
        clock, spent = time.perf_counter() - began, busy() - begun
    assert response.status_code == 200, response.status_code
    return Call(clock, spent, queries, len(response.content))
