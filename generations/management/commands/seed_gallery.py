from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from accounts.models import User
from generations import gallery_seed
from generations.models import WanAccount

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = (
        "Fills a library with plausible takes, to see and measure the gallery with: rows and posters, no videos. "
        "For a demo or a development server; anywhere else it would put fiction beside real clips."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clips", type=int, required=True, help="how many takes")
        parser.add_argument("--email", help="whose; the first person's without it")
        parser.add_argument("--posters", type=int, default=600, help="how many of the newest get a picture")

    def handle(self, *args: object, **options: Any) -> None:
        if options["clips"] < 1:
            raise CommandError("--clips is a number from 1 on.")
        if User._meta.db_table not in connection.introspection.table_names():
            where = settings.STUDIO_DATA_DIR
            raise CommandError(
                f"No studio has run in {where} yet: `make run` starts one; STUDIO_DATA_DIR names another."
            )
        if not (settings.DEBUG or is_demo()):
            raise CommandError("This studio has a Wan account: only DJANGO_DEBUG=true fills it with fiction.")
        person = _person(options["email"])
        project = gallery_seed.fill(person, options["clips"], posters=options["posters"], say=self._say)
        self.stdout.write(f"Done: /studio/?project={project.uuid}")

    def _say(self, text: str) -> None:
        self.stdout.write(text, ending="\r")
        self.stdout.flush()


def is_demo() -> bool:
    """Without the environment of `make run`, too: where nobody ever had a Wan account, no clip can be real."""
    has_account = settings.DASHSCOPE_API_KEY or WanAccount.objects.filter(is_demo=False).exists()
    return settings.STUDIO_DEMO or not has_account


def _person(email: str | None) -> User:
    people = User.objects.filter(is_active=True).order_by("pk")
    person = (people.filter(email=email.lower()) if email else people).first()
    if person is None:
        raise CommandError("There is nobody of that address yet: sign in once, then run this again.")
    return person
