"""From the press to the response of POST /generations/, as a browser with script sends it."""

from __future__ import annotations

import uuid
from functools import partial

from bench.options import QUICK
from bench.table import milliseconds, share, show
from bench.workbench import workbench

TIMES = 30 if QUICK else 200
FORM = {"prompt": "A paper boat in the rain", "resolution": "720P", "ratio": "16:9", "duration": "5", "takes": "1"}


def main() -> None:
    with workbench() as bench:
        from bench.visitor import Visitor, timed
        from tests.generations.media_files import write_audio

        audio = write_audio(bench.directory / "voice.mp3", 5).read_bytes()
        bench.start("web")
        visitor = Visitor(bench.url, bench.maker())
        visitor.http.headers["HX-Request"] = "true"
        files = {"audio": ("voice.mp3", audio, "audio/mpeg")}
        measured = {
            "GET of a poll without takes": partial(visitor.get, "/generations/status"),
            "press without audio": partial(_press, visitor),
            "press with a kept audio": partial(_press, visitor, audio_id=_kept_audio(visitor, files)),
            f"press with an mp3 of {len(audio) // 1024} kB": partial(_press, visitor, files=files),
        }
        rows, plain = [["", "p50", "p95", "p50 against GET"]], 0.0
        for name, call in measured.items():
            timed(call, 3)
            seconds = timed(call, TIMES)
            plain = plain or share(seconds, 0.5)
            times = [milliseconds(share(seconds, part)) for part in (0.5, 0.95)]
            rows.append([name, *times, f"{share(seconds, 0.5) / plain:.1f} ×"])
        show(f"POST /generations/, {TIMES} times each", rows)


def _press(visitor, files=None, **more: str) -> None:
    visitor.post("/generations/", FORM | {"press": str(uuid.uuid4()), **more}, files)


def _kept_audio(visitor, files) -> str:
    from generations.models import AudioUpload

    _press(visitor, files)
    return str(AudioUpload.objects.latest("pk").uuid)


if __name__ == "__main__":
    main()
