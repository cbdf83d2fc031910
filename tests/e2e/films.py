"""Films of a second for the newest clips of a seeded library: `python -m tests.e2e.films EMAIL COUNT`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import django

SECONDS = 1


def main(email: str, count: int) -> None:
    from generations import storage
    from generations.models import Generation
    from tests.generations.media_files import write_video

    with tempfile.TemporaryDirectory() as directory:
        film = write_video(Path(directory) / "film.mp4", seconds=SECONDS)
        clips = Generation.objects.filter(owner__email=email, status="ready").order_by("-pk")[:count]
        for clip in clips:
            for name in ("video.mp4", "preview.mp4"):
                storage.put_file(
                    film, storage.generation_key(clip.uuid, name), content_type="video/mp4", storage="local"
                )
            poster = storage.local_path("local", storage.generation_key(clip.uuid, "poster.webp"))
            key = storage.generation_key(clip.uuid, "strip.webp")
            storage.put_file(poster, key, content_type="image/webp", storage="local")
        size = film.stat().st_size
    Generation.objects.filter(pk__in=[clip.pk for clip in clips]).update(video_size=size, video_seconds=SECONDS)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wanstudio.settings")
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
