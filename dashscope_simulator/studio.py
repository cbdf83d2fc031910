"""Makes the films of running tasks in the background: fetches the creator's sound, then renders.

Full films are rendered by a niced child process each (render_child.py), two at a time, so that the HTTP server stays
quick; small ones take some hundredths of a second and are made in a thread; `none` hands out one placeholder for all.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dashscope_simulator.errors import TaskFailure
from dashscope_simulator.render import Film, render
from dashscope_simulator.soundtrack import fetch_audio, inspect_audio

if TYPE_CHECKING:
    from dashscope_simulator.records import TaskRecord, Upload

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Footage:
    """The outcome of an order: a file, or the failure that ends the task."""

    failure: TaskFailure | None = None
    video_path: str | None = None
    video_sha256: str | None = None
    audio_path: str | None = None
    audio_sha256: str | None = None


Deliver = Callable[[str, Footage], None]


class Studio:
    def __init__(
        self, data_dir: Path, *, mode: str, find_upload: Callable[[TaskRecord, str], Upload], seed: int | None = None
    ) -> None:
        self.results, self.audio = data_dir / "results", data_dir / "audio"
        self.results.mkdir(parents=True, exist_ok=True)
        self.audio.mkdir(parents=True, exist_ok=True)
        self.mode, self._find_upload, self._seed = mode, find_upload, seed
        self._fetching = ThreadPoolExecutor(2, "simulator-fetch")
        self._rendering = ThreadPoolExecutor(2, "simulator-render")
        self._children: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._is_stopped = False
        self._placeholder: tuple[str, str] | None = None

    def stop(self) -> None:
        """Kills the renderers at once; their tasks are rendered again after the next start."""
        with self._lock:
            self._is_stopped = True
            for child in self._children:
                child.kill()
        self._fetching.shutdown(wait=True, cancel_futures=True)
        self._rendering.shutdown(wait=True, cancel_futures=True)

    def order(self, record: TaskRecord, deliver: Deliver) -> None:
        """`deliver` is called from another thread with the outcome, unless the studio is stopped before."""
        with self._lock:
            if self._is_stopped:
                return
            if record.input.get("audio_url"):
                self._fetching.submit(self._fetch, record, deliver)
            else:
                self._rendering.submit(self._produce, record, None, None, deliver)

    def _fetch(self, record: TaskRecord, deliver: Deliver) -> None:
        try:
            path, digest = self._audio_of(record)
        except TaskFailure as failure:
            deliver(record.task_id, Footage(failure))
            return
        except Exception:
            logger.exception("Fetching the audio of task %s broke", record.task_id)
            deliver(record.task_id, Footage(TaskFailure("InternalError")))
            return
        with self._lock:
            if not self._is_stopped:
                self._rendering.submit(self._produce, record, path, digest, deliver)

    def _audio_of(self, record: TaskRecord) -> tuple[Path, str]:
        url = record.input["audio_url"]
        if url.startswith("oss://"):
            content = Path(self._find_upload(record, url).path).read_bytes()
        else:
            content = fetch_audio(url)
        inspect_audio(content)
        digest = hashlib.sha256(content).hexdigest()
        path = self.audio / digest
        if not path.exists():
            path.write_bytes(content)
        return path, digest

    def _produce(self, record: TaskRecord, audio: Path | None, digest: str | None, deliver: Deliver) -> None:
        try:
            path, video_digest = self._video_of(record, audio)
            footage = Footage(None, path, video_digest, str(audio) if audio else None, digest)
        except Exception:
            if self._is_stopped:
                return
            logger.exception("Rendering task %s broke", record.task_id)
            footage = Footage(TaskFailure("InternalError.Algo"))
        deliver(record.task_id, footage)

    def _video_of(self, record: TaskRecord, audio: Path | None) -> tuple[str, str]:
        mode = self.mode
        if mode == "none":
            return self._shared_placeholder()
        path = self.results / f"{record.task_id}.mp4"
        film = film_of(record, path, audio, is_small=mode == "small", seed=self._seed)
        if mode == "small":
            render(film)
        else:
            self._render_in_child(film)
        return str(path), _sha256(path)

    def _shared_placeholder(self) -> tuple[str, str]:
        if self._placeholder is None:
            path = self.results / "placeholder.mp4"
            if not path.exists():
                making = path.with_suffix(f".{threading.get_ident()}.mp4")
                render(Film(path=str(making), width=160, height=90, duration=2, prompt="", is_small=True))
                shutil.move(making, path)
            self._placeholder = str(path), _sha256(path)
        return self._placeholder

    def _render_in_child(self, film: Film) -> None:
        child = subprocess.Popen(
            [sys.executable, "-m", "dashscope_simulator.render_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd=Path(__file__).parents[1],
        )
        with self._lock:
            self._children.add(child)
            if self._is_stopped:
                child.kill()
        try:
            child.communicate(json.dumps(film.as_dict()).encode())
        finally:
            with self._lock:
                self._children.discard(child)
        if child.returncode != 0:
            raise RuntimeError(f"The renderer ended with {child.returncode}")


def film_of(record: TaskRecord, path: Path, audio: Path | None, *, is_small: bool, seed: int | None) -> Film:
    width, height = record.size
    given = record.parameters.get("seed")
    return Film(
        path=str(path),
        width=width,
        height=height,
        duration=record.duration,
        prompt=record.prompt,
        seed=given if given is not None else _chance(record, seed),
        watermark=bool(record.parameters.get("watermark")),
        audio=str(audio) if audio else None,
        is_small=is_small,
    )


def _chance(record: TaskRecord, seed: int | None) -> int:
    """Without a seed every take looks different, unless the simulator itself was given one."""
    return int(record.task_id[:8], 16) if seed is None else seed


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
