"""Each action of the gallery as owner, editor, viewer and stranger: one table of what is answered and what happens.

`tests/test_rights.py` has who may open which address; here each is asked in earnest, and rows tell what was done.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
from django.urls import reverse
from django.utils import timezone

from generations.models import (
    BulkAction,
    Collected,
    Collection,
    Favourite,
    Generation,
    Note,
    SavedSearch,
    Scene,
    Tagging,
)
from screenings.models import Comment, Verdict
from tests.factories import AccountFactory, GenerationFactory, ProjectFactory, ReadyFactory, SceneFactory

ROLES = {"owner": "alice", "editor": "bob", "viewer": "vera", "stranger": "charlie"}
EDIT, SEE, OWN_EYES = "in in 403 404", "in in in 404", "in in in in"
LEFT_ALONE = "in in 403 in"  # bulk: ids of others are counted, never acted on, so nobody learns whether they exist
NOT_YOURS = "in in 409 409"  # where to has to be a place of theirs


class Action(NamedTuple):
    """`who`: what owner, editor, viewer and stranger get; `does`: rows change for those that are let in."""

    name: str
    fields: dict[str, str]
    who: str = EDIT
    does: bool = True
    of: str = ""  # what its address names, else the clip


def bulk(verb: str, who: str = LEFT_ALONE, **fields: str) -> Action:
    return Action("bulk", {"do": verb, "take": "{clip}", **fields}, who, of="-")


TABLE = [
    Action("rate", {"rating": "4"}),
    Action("pick", {"pick": "-1"}),
    Action("favourite", {"favourite": "1"}, SEE),
    Action("tag", {"do": "tag", "tags": "dawn"}),
    Action("tag", {"do": "untag", "tags": "night"}),
    Action("note_create", {"text": "The lamp flickers."}),
    Action("note_delete", {}, of="note"),
    Action("trash", {}),
    Action("restore", {}, of="thrown"),
    Action("retry", {"token": "5f6c1c0e-4a52-4b0e-9d2f-0a3f7f4f0001", "seed": "new"}),
    Action("cancel", {}, of="waiting"),
    Action("screenings:comment", {"text": "Too dark", "second": "1"}, SEE),
    Action("screenings:verdict", {"verdict": "approved"}, SEE),
    Action("scene_rename", {"name": "The harbour"}, of="scene"),
    Action("scene_merge", {"into": "{other}"}, of="scene"),
    Action("collection_create", {"project": "{project}", "name": "Second best"}, of="-"),
    Action("collection_rename", {"name": "Better"}, of="collection"),
    Action("collection_arrange", {"move": "{clip}", "by": "1"}, of="collection"),
    Action("collection_delete", {}, of="collection"),
    Action("save_search", {"view": "project={project}&ratio=1:1", "name": "Squares"}, SEE, of="-"),
    bulk("rate:5"),
    bulk("pick:1"),
    bulk("favour", OWN_EYES),
    bulk("tag", tags="dawn"),
    bulk("untag", tags="night"),
    bulk("collect", NOT_YOURS, collection="{empty}"),
    bulk("collect", NOT_YOURS, new_collection="Fresh", here="{project}"),
    bulk("take-out", NOT_YOURS, out_of="{collection}"),
    bulk("scene", NOT_YOURS, scene="{other}"),
    bulk("project", NOT_YOURS, project="{second}"),
    bulk("trash"),
    bulk("restore", take="{thrown}"),
    bulk("purge", take="{thrown}"),
]
LOOKS = [
    ("studio", "", {"project": "{project}", "show": "clips"}, SEE),
    ("studio", "", {"project": "{project}", "scope": "team"}, SEE),
    ("studio", "", {"scene": "{scene}"}, SEE),
    ("facets", "", {"project": "{project}"}, SEE),
    ("detail", "clip", {}, SEE),
    ("beside", "clip", {"in": "project={project}&show=clips"}, SEE),
    ("video", "clip", {}, SEE),
    ("poster", "clip", {"size": "small"}, SEE),
    ("preview", "clip", {}, SEE),
    ("strip", "clip", {}, SEE),
    ("download", "clip", {}, SEE),
    ("download", "clip", {"clean": "1"}, SEE),
    ("bundle", "", {"scene": "{scene}"}, SEE),
    ("bundle", "", {"collection": "{collection}"}, SEE),
    ("bundle", "", {"project": "{project}"}, SEE),
    ("compare", "", {"take": ["{clip}", "{second_clip}"]}, SEE),
    ("trash_list", "", {"project": "{project}"}, SEE),
    ("collections", "", {"project": "{project}"}, SEE),
    ("collection", "collection", {}, SEE),
    ("scene_edit", "scene", {}, EDIT),
    ("bulk_choices", "", {"here": "{project}"}, "in in 404 404"),
    ("bulk_count", "", {"view": "project={project}"}, OWN_EYES),
]


class World:
    """A clip with everything around it that an action may name."""

    def __init__(self, project, alice, keep) -> None:
        account = AccountFactory(team=project.team)
        scene = SceneFactory(project=project, created_by=alice, takes_made=10)
        common = {"scene": scene, "account": account, "owner": alice}
        clip, second_clip = (keep(ReadyFactory(**common, number=number)) for number in (1, 2))
        thrown = ReadyFactory(**common, number=3, trashed_at=timezone.now())
        kept = {"team": project.team, "created_by": alice}
        collection, empty = (Collection.objects.create(name=name, **kept) for name in ("Best of", "Rest of"))
        for place, take in enumerate((clip, second_clip)):
            Collected.objects.create(collection=collection, generation=take, place=place, by=alice)
        Tagging.objects.create(tag=project.team.tags.create(name="night", key="night"), generation=clip, by=alice)
        self.rows = {
            "project": project,
            "second": ProjectFactory(team=project.team, name="Night market"),
            "scene": scene,
            "other": SceneFactory(project=project, created_by=alice),
            "clip": clip,
            "second_clip": second_clip,
            "thrown": thrown,
            "waiting": GenerationFactory(**common, number=4),
            "note": Note.objects.create(generation=clip, author=alice, text="Keep"),
            "collection": collection,
            "empty": empty,
        }

    def address(self, name: str, of: str) -> str:
        name = name if ":" in name else f"generations:{name}"
        return reverse(name, args=[self.rows[of].uuid] if of in self.rows else [])

    def filled(self, fields):
        uuids = {name: row.uuid for name, row in self.rows.items()}
        return {
            name: [one.format(**uuids) for one in value] if isinstance(value, list) else value.format(**uuids)
            for name, value in fields.items()
        }


def state() -> list[list[tuple[object, ...]]]:
    """Everything that an action of the gallery changes, but the list of bulk actions itself."""
    columns = "status rating pick scene project trashed_at cancel_requested_at verdict open_comments"
    models = (Scene, Note, Tagging, Collection, Collected, Favourite, SavedSearch, Comment, Verdict)
    rows = [list(model.objects.order_by("pk").values_list()) for model in models]
    return [*rows, list(Generation.objects.order_by("pk").values_list("pk", *columns.split()))]


def answered(response) -> str:
    """In the words of the table."""
    if response.streaming:
        b"".join(response.streaming_content)
    return str(response.status_code) if response.status_code >= 400 else "in"


@pytest.fixture
def world(project, alice, media_directory, tmp_path):
    from tests.generations.test_files import keep

    return World(project, alice, lambda take: keep(take, tmp_path))


def asked(role, who):
    return dict(zip(ROLES, who.split(), strict=True))[role]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", TABLE, ids=lambda action: f"{action.name}-{action.fields.get('do', '')}".rstrip("-"))
def test_action(client, request, world, action, role):
    client.force_login(request.getfixturevalue(ROLES[role]))
    before = state()
    address = world.address(action.name, action.of or "clip")

    got = answered(client.post(address, world.filled(action.fields)))

    assert got == asked(role, action.who)
    is_let_in = got == "in" and role != "stranger"
    if action.fields.get("do") == "purge":  # the storage is not asked within a request
        assert (BulkAction.objects.exists(), state() == before) == (got == "in", True)
        return
    assert (state() != before) is is_let_in
    if action.name == "bulk" and role == "stranger" and got == "in":
        assert (BulkAction.objects.get().changed, BulkAction.objects.get().ignored) == (0, 1)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "of", "query", "who"), LOOKS)
def test_look(client, request, world, name, of, query, who, role):
    client.force_login(request.getfixturevalue(ROLES[role]))
    before = state()

    assert answered(client.get(world.address(name, of), world.filled(query))) == asked(role, who)

    assert state() == before


@pytest.mark.parametrize("name", [action.name for action in TABLE if action.name != "screenings:comment"])
def test_looking_never_changes_anything(as_alice, world, name):
    of = next(action.of for action in TABLE if action.name == name)

    assert as_alice.get(world.address(name, of or "clip")).status_code == 405


def test_a_stranger_learns_of_no_take_by_a_bulk_action(client, charlie, world):
    """What is somebody else's and what never was is answered alike."""
    client.force_login(charlie)

    said = [
        client.post(reverse("generations:bulk"), {"do": "rate:5", "take": take}, headers={"HX-Request": "true"}).content
        for take in (world.rows["clip"].uuid, "0d1f5e1e-0000-4000-8000-000000000000")
    ]

    assert said[0] == said[1]
