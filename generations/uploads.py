"""Audio on its way in: decoded in the limited process, stored, then its rows; nothing of it inside a transaction.

What is kept may be longer than Wan takes it: a part of it is cut off here, and that part is an upload of its own.
"""

from __future__ import annotations

import hashlib
import math
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from generations import media, nudge, storage
from generations.models import AudioUpload, Waveform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.files.uploadedfile import UploadedFile
    from django.http import QueryDict

    from accounts.models import User
    from dashscope_client.catalogue import ModelSpec
    from teams.models import Project

NAME_LENGTH = 120


class NotKept(Exception):
    """Nothing was kept; `sentence` says why, `code` is a word for it."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(code)
        self.sentence, self.code = sentence, code


@contextmanager
def _in_words() -> Iterator[None]:
    """Whatever goes wrong on the way becomes NotKept."""
    try:
        yield
    except media.MediaRefused as refusal:
        raise NotKept(str(refusal.sentence), refusal.reason) from refusal
    except media.MediaCrashed as crash:
        raise NotKept(str(crash.sentence), "crashed") from crash
    except storage.ObjectMissing as gone:
        raise NotKept(_("This audio is not here any more. Choose the file again."), "gone") from gone
    except (storage.StorageError, OSError) as error:
        sentence = _("Your storage does not accept the file. Nothing was charged. Try again in a moment.")
        raise NotKept(sentence, "storage") from error


def keep_audio(uploaded: UploadedFile, *, project: Project, user: User, model: ModelSpec) -> AudioUpload:
    """The stored upload; the same file of the same project is stored once. Raises NotKept."""
    with _in_words(), _on_disk(uploaded) as path:
        facts = media.probe_audio(path, min_seconds=model.audio_min_seconds, taken_seconds=model.audio_max_seconds)
        name = (uploaded.name or "audio")[-NAME_LENGTH:]
        return _keep(path, project=project, uploaded_by=user, name=name, kind=facts.format, seconds=facts.seconds)


def trim_audio(audio: AudioUpload, posted: QueryDict, *, user: User, model: ModelSpec) -> AudioUpload:
    """The part from `trim-from` to `trim-to`, seconds of the whole file; all of it is that file itself.

    The part belongs to the file's project, so that both go together. Raises NotKept, also when it is not of a length
    that Wan takes.
    """
    whole = audio.whole
    start, end = _typed_part(posted)
    start, end = max(0.0, round(start, 2)), min(whole.seconds, round(end, 2))
    least, most = model.audio_min_seconds, model.audio_max_seconds
    if not least <= round(end - start, 2) <= most:
        words = _("Choose a part of %(least)s to %(most)s s. The file has %(seconds)s s.")
        values = {"least": f"{least:g}", "most": f"{most:g}", "seconds": f"{whole.seconds:.1f}"}
        raise NotKept(words % values, "part")
    if start == 0 and end == whole.seconds and not whole.trouble(model):
        return whole
    with _in_words(), storage.workspace() as directory:
        source, part = directory / f"whole.{whole.kind}", directory / "part.wav"
        storage.fetch_file(whole.storage, whole.key, source)
        seconds = media.cut_audio(source, part, start=start, seconds=round(end - start, 2))
        facts = {"name": whole.name, "kind": "wav", "seconds": seconds, "original": whole, "original_start": start}
        return _keep(part, project=whole.project, uploaded_by=user, **facts)


def _typed_part(posted: QueryDict) -> tuple[float, float]:
    try:
        start, end = float(posted.get("trim-from", "")), float(posted.get("trim-to", ""))
    except ValueError:
        start = end = math.nan
    if not (math.isfinite(start) and math.isfinite(end)):
        raise NotKept(_("Type from which second to which the sound is wanted."), "part")
    return start, end


def _keep(path: Path, *, project: Project, **facts: Any) -> AudioUpload:
    sha256 = _sha256(path)
    known = AudioUpload.objects.with_waveform().filter(project=project, sha256=sha256).order_by("pk").first()
    if known:
        return known
    name = uuid.uuid4()
    key = storage.audio_key(name, facts["kind"])
    content_type = "audio/mpeg" if facts["kind"] == "mp3" else "audio/wav"
    stored = storage.put_file(path, key, content_type=content_type, sha256=sha256)
    with transaction.atomic():
        audio = AudioUpload.objects.create(
            uuid=name,
            project=project,
            size=stored.size,
            sha256=sha256,
            storage=stored.storage,
            key=stored.key,
            **facts,
        )
        Waveform.objects.create(audio=audio)
        transaction.on_commit(nudge.listen)
    return audio


@contextmanager
def _on_disk(uploaded: UploadedFile) -> Iterator[Path]:
    """A path for those who need one; Django keeps small uploads in memory."""
    if isinstance(uploaded, TemporaryUploadedFile):
        yield Path(uploaded.temporary_file_path())
        return
    with storage.workspace() as directory:
        path = directory / "upload"
        with path.open("wb") as file:
            for chunk in uploaded.chunks():
                file.write(chunk)
        yield path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
