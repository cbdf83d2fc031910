from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from generations import gallery_seed

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
        if not (settings.STUDIO_DEMO or settings.DEBUG):
            raise CommandError("This is not a demo: set STUDIO_DEMO or DJANGO_DEBUG to fill it with fiction.")
        people = User.objects.filter(is_active=True).order_by("pk")
        person = (people.filter(email=options["email"].lower()) if options["email"] else people).first()
        if person is None:
            raise CommandError("There is nobody of that address yet: sign in once, then run this again.")
        if options["clips"] < 1:
            raise CommandError("--clips is a number from 1 on.")
        project = gallery_seed.fill(person, options["clips"], posters=options["posters"], say=self._say)
        self.stdout.write(f"Done: /studio/?project={project.uuid}")

    def _say(self, text: str) -> None:
        self.stdout.write(text, ending="\r")
        self.stdout.flush()
