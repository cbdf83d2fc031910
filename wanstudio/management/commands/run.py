from __future__ import annotations

import http.client
import signal
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connections

from wanstudio import environment as env
from wanstudio.runner import plan, services
from wanstudio.runner.output import say
from wanstudio.runner.supervisor import Supervisor

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from wanstudio.runner.services import Service


class Command(BaseCommand):
    help = "Serves the whole studio: web, workers, beat and, without a key, the simulator. Ctrl-C ends it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: this machine only)")
        parser.add_argument("--port", default=env.text("PORT", "8000"), help="default: PORT, else 8000")

    def handle(self, *args: object, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        address = plan.Address(options["host"], plan.port(str(options["port"])))
        data = settings.STUDIO_DATA_DIR
        try:
            with plan.lock(data, address):
                serve(address)
        except KeyboardInterrupt:
            say("Stopped.")


def serve(address: plan.Address) -> None:
    if not plan.is_free(address.host, address.port, patience=plan.PORT_PATIENCE):
        raise ImproperlyConfigured(
            f"Port {address.port} of {address.host} is in use: choose another, like PORT={address.port + 1}."
        )
    held = plan.simulator_port(settings.STUDIO_DATA_DIR / "simulator") if plan.wants_demo(address) else None
    try:
        serve_at(address, held.number if held else None)
    finally:
        if held:
            held.release()


def serve_at(address: plan.Address, simulator: int | None) -> None:
    """Until a signal ends it; `simulator` is the port of its own, None without the demo."""
    environment = plan.children_environment(address, simulator)
    say("Starting Wan Studio …")
    prepare(demo=environment.get("STUDIO_DEMO") == "1" or settings.STUDIO_DEMO)
    plan.forget_messages()
    supervisor = Supervisor(parts(address, simulator), environment)
    threading.Thread(target=announce, args=(address, environment), daemon=True).start()
    supervisor.run()
    say("Stopped.")


def parts(address: plan.Address, simulator: int | None) -> list[Service]:
    parts = [services.web(address.host, address.port, reload=settings.DEBUG), *services.workers()]
    if simulator:
        parts.insert(0, services.simulator(simulator, str(settings.STUDIO_DATA_DIR / "simulator")))
    return parts


def prepare(*, demo: bool) -> None:
    """In this process, whose imports are paid for already; of the demo's settings only this one matters here."""
    try:
        call_command("prepare", demo=demo, verbosity=0)
    except (DatabaseError, OSError) as wrong:
        raise ImproperlyConfigured(f"The database or the static files could not be prepared: {wrong}") from wrong
    finally:
        connections.close_all()


def announce(address: plan.Address, environment: dict[str, str]) -> None:
    """Say where the studio is, once it answers there."""
    while not answers(address):
        time.sleep(0.1)
    url = environment["STUDIO_BASE_URL"]
    lines = [f"Wan Studio is ready: {url}"]
    if environment.get("STUDIO_DEMO") == "1":
        lines += [
            f"Open {url} and press “Continue as demo creator”.",
            "This is the demo: a simulator renders, nothing is charged.",
            "For real videos: DASHSCOPE_API_KEY=sk-… make run",
        ]
    lines += [f"Data is kept in {settings.STUDIO_DATA_DIR}. Ctrl-C ends the studio."]
    say("\n" + "\n".join(f"  {line}" for line in lines) + "\n")


def answers(address: plan.Address) -> bool:
    connection = http.client.HTTPConnection(address.host, address.port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
