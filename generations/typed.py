"""What stands in a composer that was posted, good or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generations.forms import complete
from generations.shot_forms import ShotFormSet
from wanstudio.http import whole_number

if TYPE_CHECKING:
    from django.http import QueryDict

CHECKBOXES = ("prompt_extend", "watermark", "proof")
KEPT = ("prompt", "negative_prompt", "resolution", "ratio", "duration", "seed", "seeds", "takes")
NAMED = ("audio_id", "scene", "parent", "origin", "comment")


def plain(text: str) -> str:
    """Without what no database keeps and nobody types: NUL, and halves of signs, which JSON can name (`\\ud800`)."""
    return "".join(sign for sign in text if sign != "\0" and not "\ud800" <= sign <= "\udfff")


def everything(posted: QueryDict) -> dict[str, Any]:
    """All that a draft keeps: the fields as they stand, and what they are about."""
    data = complete(posted)
    return fields(data) | {name: data.get(name, "") for name in NAMED} | {"shots": shots(data)}


def fields(data: QueryDict) -> dict[str, Any]:
    return {name: data.get(name, "") for name in KEPT} | {name: name in data for name in CHECKBOXES}


def shots(data: QueryDict) -> list[dict[str, Any]] | None:
    count = min(whole_number(data.get("shots-TOTAL_FORMS", "0"), digits=9), ShotFormSet.absolute_max)
    found = [
        {
            "text": data.get(f"shots-{index}-text", ""),
            "seconds": data.get(f"shots-{index}-seconds", ""),
            "locked": data.get(f"shots-{index}-locked", "") in ("on", "True"),
        }
        for index in range(count)
        if f"shots-{index}-text" in data
    ]
    return found or None
