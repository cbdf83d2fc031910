"""What of a take the composer is filled with, by the way it is used again; and the kin of what is then made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generations import proof
from generations.forms import as_uuid
from generations.lifecycle.press import ALONE, Kin
from generations.models import Generation, Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User

SETTINGS = ("negative_prompt", "resolution", "ratio", "duration", "prompt_extend", "watermark", "audio")
ORIGINS = (Origin.REMIX, Origin.RETAKE)


def values(take: Generation, use: str = "remix", *, shot: int = 0) -> dict[str, Any]:
    """Initial values for `Composer.empty`; an unknown `use` is a remix.

    "all"; "remix": all but the seed; "prompt"; "seed"; "rewrite": Wan's version of the prompt, not to be rewritten
    again; "retake": all, and only `shot` (from 1) is open to changes; "kept": what was just pressed, for another press.
    """
    filled: dict[str, Any] = {"scene": take.scene, "kin": _kin(take, use)}
    if use in ("all", "seed", "retake", "kept"):
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
    if use == "retake" and filled["shots"]:
        filled["shots"] = [{**kept, "locked": number != shot} for number, kept in enumerate(filled["shots"], start=1)]
    return filled


def shot_number(query: Mapping[str, str]) -> int:
    """The `shot` of an address, 0 for none or nonsense."""
    given = query.get("shot", "")
    return int(given) if given.isdecimal() and len(given) < 4 else 0


def _kin(take: Generation, use: str) -> Kin:
    if use == "seed":
        return ALONE
    if use != "kept":
        return Kin(take, Origin.RETAKE if use == "retake" else Origin.REMIX)
    return Kin(take.parent, Origin(take.origin)) if take.origin in ORIGINS else ALONE


def named_kin(posted: Mapping[str, str], user: User) -> Kin:
    """The kin a form names, if the person sees that take; what cannot be linked is no reason to refuse a press."""
    uuid = as_uuid(posted.get("parent", ""))
    parent = Generation.objects.visible_to(user).select_related("scene").filter(uuid=uuid).first() if uuid else None
    if parent is None:
        return ALONE
    origin = posted.get("origin", "")
    return Kin(parent, Origin(origin) if origin in ORIGINS else Origin.REMIX)
