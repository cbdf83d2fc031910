"""Which takes are prints, and which proofs have one: the retry of a print that failed is that print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generations.models import UNFINISHED, Generation, Origin, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ALIVE = (*UNFINISHED, Status.READY)


def of(proofs: Iterable[int]) -> dict[int, int]:
    """Keys of proofs by those of their prints that are finished or on their way; what is in the trash is no print."""
    found: dict[int, int] = {}
    for level in _below(proofs):
        found |= {key: proof for key, proof, is_alive in level if is_alive}
    return found


def _below(proofs: Iterable[int]) -> Iterator[list[tuple[int, int, bool]]]:
    """All prints of these, level by level: key, proof, whether that one counts."""
    proof_of: dict[int | None, int] = {proof: proof for proof in proofs}
    takes = Generation.objects.filter(origin=Origin.PRINT)
    while proof_of:
        rows = takes.filter(parent__in=list(proof_of)).values_list("pk", "parent", "status", "trashed_at")
        level = [(pk, proof_of[parent], status in ALIVE and gone is None) for pk, parent, status, gone in rows]
        yield level
        proof_of = {key: proof for key, proof, _is_alive in level}
        takes = Generation.objects.filter(origin=Origin.RETRY)


def proofs_of(takes: Sequence[Generation]) -> dict[int, int]:
    """The keys of their proofs, by those of the takes that are prints."""
    found = {take.pk: take.parent_id for take in takes if take.is_print and take.parent_id}
    waiting = {take.pk: take.parent_id for take in takes if take.origin == Origin.RETRY and take.parent_id}
    while waiting:
        older = Generation.objects.filter(pk__in=set(waiting.values())).values_list("pk", "origin", "parent")
        above = {pk: (origin, parent) for pk, origin, parent in older if parent}
        waiting = {take: key for take, key in waiting.items() if key in above}
        found |= {take: above[key][1] for take, key in waiting.items() if above[key][0] == Origin.PRINT}
        waiting = {take: above[key][1] for take, key in waiting.items() if above[key][0] == Origin.RETRY}
    return found
