"""gunicorn's threads, with words of ours where no request can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from gunicorn import util
from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    from socket import socket

HEAD = (
    "HTTP/1.1 414 URI Too Long\r\nConnection: close\r\n"
    "Content-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n"
)


class Worker(ThreadWorker):
    def handle_error(self, req: Any, client: socket, addr: Any, exc: Exception) -> None:
        """Not even the headers of an address that is too long are read: nobody's language is known."""
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("An address from %s is too long: %s", addr[0] if addr else "?", exc)
        with translation.override(settings.LANGUAGE_CODE):
            page = render_to_string("414.html").encode()
        try:
            util.write_nonblock(client, HEAD.format(len(page)).encode() + page)
        except OSError as gone:
            self.log.debug("Nobody waits for the answer: %s", gone)
