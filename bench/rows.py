"""Takes made without the way, as many as a part needs."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from accounts.models import User
from bench.vendor_keys import key_of
from generations.lifecycle.press import Recipe, press
from generations.models import Generation, Scene, SubmitAttempt, WanAccount

if TYPE_CHECKING:
    from django.db.models import Model

    from teams.models import Project

SENT = timedelta(days=2)
RECIPE = Recipe(prompt="A boat", sent_prompt="A boat", resolution="720P", ratio="16:9", duration=5)


def project_of(user: User) -> Project:
    return user.personal_team.projects.get()


def queued(user: User, count: int, *, one_scene: bool = False) -> list[Generation]:
    """One press per take, each with a prompt of its own."""
    project, made = project_of(user), []
    for number in range(count):
        scene = made[0].scene if made and one_scene else None
        recipe = replace(RECIPE, prompt=f"A boat, number {number}", sent_prompt=f"A boat, number {number}")
        made += press(recipe, user=user, project=project, scene=scene, takes=1, token=uuid.uuid4())
    return made


def finished(user: User, count: int) -> None:
    """READY without a file, sent two days ago; nothing is due for them."""
    now = timezone.now()
    takes = queued(user, count)
    SubmitAttempt.objects.bulk_create(
        SubmitAttempt(
            generation=take, account=take.account, fence=0, started_at=now - SENT, outcome="accepted", task_id=take.uuid
        )
        for take in takes
    )
    Generation.objects.filter(pk__in=[take.pk for take in takes]).update(
        status="ready", ready_at=now, finished_at=now, video_key="none", storage="local", due_at=None, derived_at=now
    )


def crowd(accounts: int, takes: int, *, origin: str) -> None:
    """As many people, each with a Wan account of the personal team's own and a backlog of takes."""
    for number in range(accounts):
        user = User.objects.create_user(f"maker{number}@example.com")
        account = WanAccount(team=user.personal_team, name=f"Account {number}", origin=origin, region="singapore")
        account.set_api_key(key_of(number))
        account.save()
        queued(user, takes)


def full_house(user: User) -> None:
    """All slots and the buffer taken by takes that nobody has to ask for yet, and one more that waits."""
    later = timezone.now() + timedelta(days=1)
    takes = queued(user, 8)
    Generation.objects.filter(pk__in=[take.pk for take in takes[:7]]).update(status="running", due_at=later)


def multiply_finished(count: int) -> None:
    """Copies of the newest READY take until there are `count`, made by the database itself.

    Four to a scene, one a minute back from now, each with its attempt.
    """
    have = Generation.objects.filter(status="ready").count()
    newest = Generation.objects.filter(status="ready").latest("pk").pk
    last_scene = Scene.objects.latest("pk").pk
    numbers, fresh, ago = DIALECTS[connection.vendor]
    scene, take = _columns(Scene, "uuid", "latest_take_at"), _columns(Generation, *OWN_OF_TAKE)
    attempt = _columns(SubmitAttempt, "generation_id", "task_id")
    statements = [
        f'{numbers} INSERT INTO generations_scene ("uuid", "latest_take_at", {scene}) '
        f"SELECT {fresh}, {ago.format('latest_take_at', '4 * i')}, {scene} FROM generations_scene, n "
        f"WHERE id = {last_scene} AND i * 4 < {count + 4}",
        f'{numbers} INSERT INTO generations_generation ("uuid", "press", "number", "scene_id", "created_at", {take}) '
        f"SELECT {fresh}, {fresh}, 1000000 + i, {last_scene} + 1 + (i - {have}) / 4, "
        f"{ago.format('created_at', 'i')}, {take} FROM generations_generation, n WHERE id = {newest} AND i > {have}",
        f'INSERT INTO generations_submitattempt ("generation_id", "task_id", {attempt}) '
        f"SELECT g.key, CAST({fresh} AS text), {attempt} FROM generations_submitattempt, "
        f"(SELECT id AS key FROM generations_generation WHERE id > {newest}) g "
        f"WHERE generations_submitattempt.id = (SELECT MIN(id) FROM generations_submitattempt)",
    ]
    if connection.vendor == "postgresql":
        statements.append("ANALYZE")  # as its autovacuum would; nobody does it for SQLite
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.replace("COUNT", str(count)))


OWN_OF_TAKE = ("uuid", "press", "number", "scene_id", "created_at")
DIALECTS = {
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < COUNT)",
        "lower(hex(randomblob(16)))",
        "datetime({}, '-' || ({}) || ' minutes')",
    ),
    "postgresql": (
        "WITH n(i) AS (SELECT generate_series(1, COUNT))",
        "gen_random_uuid()",
        "{} - ({}) * interval '1 minute'",
    ),
}


def _columns(model: type[Model], *without: str) -> str:
    own = {"id", *without}
    stored = [field for field in model._meta.concrete_fields if not field.generated]
    return ", ".join(f'"{field.column}"' for field in stored if field.column not in own)
