"""The workers' sweeps run by hand, with the waiting between them skipped."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from generations.lifecycle import archive, derive, reconcile, submit, watch
from generations.models import Candidate, Generation, SubmitAttempt, WanAccount

TURNS = 60


class Way:
    def pass_time(self) -> None:
        """Everything that waits for a moment is due now."""
        past = timezone.now() - timedelta(seconds=1)
        Generation.objects.exclude(due_at=None).exclude(status="submitting").update(due_at=past)
        Candidate.objects.update(ask_at=past)
        SubmitAttempt.objects.exclude(next_reading_at=None).update(next_reading_at=past)
        WanAccount.objects.update(held_until=None)

    def turn(self) -> None:
        self.pass_time()
        archive.sweep()
        derive.sweep()
        submit.sweep()
        watch.sweep()
        reconcile.sweep()

    def until(self, take: Generation, *statuses: str) -> Generation:
        """Turn until the take is in one of these statuses; fails after TURNS turns."""
        for _ in range(TURNS):
            take.refresh_from_db()
            if take.status in statuses:
                return take
            self.turn()
        raise AssertionError(f"still {take.status}, waiting for {take.waiting_for!r}; wanted {statuses}")
