"""The way of one video, from the press to the archive."""

from __future__ import annotations

import hashlib

from generations import storage
from generations.models import Event, SubmitAttempt


class TestOneTake:
    def test_becomes_ready_with_wans_bytes_in_the_storage(self, generate, way, simulator):
        take = generate()

        way.until(take, "ready")

        stored = storage.local_path(take.storage, take.video_key).read_bytes()
        assert stored == simulator.video_bytes(take.task_id)
        assert take.video_sha256 == hashlib.sha256(stored).hexdigest()
        assert take.video_size == len(stored)

    def test_is_created_once_and_billed_once(self, generate, way, simulator):
        take = generate()

        way.until(take, "ready")

        (entry,) = simulator.ledger()
        attempt = SubmitAttempt.objects.get()
        assert entry.task_id == attempt.task_id == take.task_id
        assert entry.billed_seconds == 2
        assert take.cost == take.price_per_second * 2
        assert take.reserved == 0

    def test_writes_down_what_happened(self, generate, way):
        take = generate()

        way.until(take, "ready")

        kinds = list(Event.objects.filter(generation=take).values_list("kind", flat=True))
        assert kinds[:3] == ["pressed", "submitting", "accepted"]
        assert kinds[-2:] == ["rendered", "archived"]

    def test_has_poster_preview_and_strip(self, generate, way):
        take = generate()

        way.until(take, "ready")
        way.turn()

        take.refresh_from_db()
        assert take.derived_at is not None
        for name in ("poster.webp", "poster-small.webp", "preview.mp4", "strip.webp"):
            assert storage.exists(take.storage, storage.generation_key(take.uuid, name))
