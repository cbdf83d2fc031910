"""What of a take the composer is filled with, by the way it is used again; and the kin of what is then made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generations import proof
from generations.forms import as_uuid
from generations.lifecycle.press import ALONE, Kin
from generations.models import Generation, Origin
from screenings.models import Comment
from wanstudio.http import whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User
    from generations.models.generation import GenerationQuerySet

SETTINGS = ("negative_prompt", "resolution", "ratio", "duration", "prompt_extend", "watermark", "audio")
PRESSED = ("takes", "seed", "seeds")
ORIGINS = (Origin.REMIX, Origin.RETAKE)


def values(take: Generation, user: User, use: str = "remix", *, shot: int = 0, comment: str = "") -> dict[str, Any]:
    """Initial values for `composing.empty`; an unknown `use` is a remix.

    "all"; "remix": all but the seed; "prompt"; "seed"; "rewrite": Wan's version of the prompt, not to be rewritten
    again; "retake": all, and only `shot` (from 1; 0: every one) is open to changes, for the take's comment with the
    UUID `comment`; "kept": what was just pressed, for another press, but for what `pressed` says.
    """
    filled: dict[str, Any] = {"scene": take.scene, "kin": _kin(take, user, use, comment)}
    if use in ("all", "seed", "retake"):
        filled["seed"] = take.seed
    if use == "seed":
        return filled
    whole = proof.print_fields(take) if take.is_proof else {}
    filled |= {"prompt": take.prompt, "shots": whole.get("shots", take.shots) or None}
    if use != "prompt":
        filled |= {name: getattr(take, name) for name in SETTINGS}
        filled |= {"proof": True, "resolution": whole["resolution"], "duration": whole["duration"]} if whole else {}
    if use == "rewrite" and take.rewritten_prompt:
        filled |= {"prompt": take.rewritten_prompt, "shots": None, "prompt_extend": False}
    if use == "retake" and filled["shots"] and shot:
        filled["shots"] = [{**kept, "locked": number != shot} for number, kept in enumerate(filled["shots"], start=1)]
    return filled


def pressed(query: Mapping[str, str]) -> dict[str, str]:
    """How often and from which seed a press without script was made; the seeds of its takes may have been drawn."""
    return {name: query[name] for name in PRESSED if query.get(name)} if query.get("use") == "kept" else {}


def shot_number(query: Mapping[str, str]) -> int:
    """The `shot` of an address, 0 for none or nonsense."""
    return whole_number(query.get("shot", ""), digits=3)


def _kin(take: Generation, user: User, use: str, comment: str) -> Kin:
    if use == "seed":
        return ALONE
    if use == "retake":
        return Kin(take, Origin.RETAKE, _comment(take, comment))
    return Kin(take, Origin.REMIX) if use != "kept" else _kept(take, user)


def _kept(take: Generation, user: User) -> Kin:
    """Its own kin again, if the person sees the parent: who made it may have lost sight of that since."""
    parent = _seen(user).filter(children=take).first() if take.origin in ORIGINS else None
    if parent is None:
        return ALONE
    answered = Comment.objects.filter(retakes=take.pk, generation=parent).select_related("person")
    return Kin(parent, Origin(take.origin), answered.first() if take.origin == Origin.RETAKE else None)


def _seen(user: User) -> GenerationQuerySet:
    return Generation.objects.visible_to(user).select_related("scene")


def _comment(take: Generation, named: str) -> Comment | None:
    """The one that begins a thread on this take; any other is no reason to refuse a press, it is only not linked."""
    uuid = as_uuid(named)
    threads = Comment.objects.filter(generation=take, parent=None).select_related("person")
    return threads.filter(uuid=uuid).first() if uuid else None


def named_kin(posted: Mapping[str, str], user: User) -> Kin:
    """The kin a form names, if the person sees that take; what cannot be linked is no reason to refuse a press."""
    uuid = as_uuid(posted.get("parent", ""))
    parent = _seen(user).filter(uuid=uuid).first() if uuid else None
    if parent is None:
        return ALONE
    origin = posted.get("origin", "")
    if origin == Origin.RETAKE:
        return Kin(parent, Origin.RETAKE, _comment(parent, posted.get("comment", "")))
    return Kin(parent, Origin.REMIX)
