"""A signed-in person over HTTP, and many of them at once."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import requests
from django.test import Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User


class Visitor:
    """One keep-alive connection with a session of the studio's own database."""

    def __init__(self, url: str, user: User) -> None:
        client = Client()
        client.force_login(user)
        self.url, self.http = url, requests.Session()
        self.http.trust_env = False
        self.http.cookies.set("sessionid", client.cookies["sessionid"].value)

    def get(self, path: str, **params: str) -> requests.Response:
        response = self.http.get(self.url + path, params=params, timeout=30, allow_redirects=False)
        assert response.status_code < 400, f"{response.status_code} {path}: {response.text[:300]}"
        return response

    def post(self, path: str, form: dict[str, str], files: dict[str, Any] | None = None) -> requests.Response:
        if "csrftoken" not in self.http.cookies:
            self.get("/studio/")
        data = form | {"csrfmiddlewaretoken": self.http.cookies["csrftoken"]}
        url = self.url + path
        response = self.http.post(url, data=data, files=files, timeout=30, allow_redirects=False)
        assert response.status_code < 400, f"{response.status_code} {path}: {response.text[:300]}"
        return response


def timed(call: Callable[[], Any], times: int) -> list[float]:
    """Seconds of each of `times` calls, one after the other."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return seconds


def at_once(calls: list[Callable[[], Any]], seconds: float) -> list[float]:
    """Seconds of each call made while each of `calls` was repeated in a thread of its own."""
    until, taken = time.monotonic() + seconds, [[] for _ in calls]

    def repeat(call: Callable[[], Any], own: list[float]) -> None:
        while time.monotonic() < until:
            own += timed(call, 1)

    threads = [threading.Thread(target=repeat, args=pair) for pair in zip(calls, taken, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [second for own in taken for second in own]
