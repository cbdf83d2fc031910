"""Where a page of a list ends, as text for a link: signed, and good only for the list it was made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.signing import BadSignature, Signer

if TYPE_CHECKING:
    from collections.abc import Iterable


def write(view: str, keys: Iterable[object]) -> str:
    """`view` says which list in which order; `keys` are the last row's, as text without blanks."""
    return Signer(salt=f"cursor:{view}").sign(" ".join(map(str, keys)))


def read(view: str, text: str) -> list[str] | None:
    """The keys; None when the cursor is forged or belongs to another view."""
    try:
        return Signer(salt=f"cursor:{view}").unsign(text).split(" ")
    except BadSignature:
        return None
