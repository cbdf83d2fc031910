"""Audio on its way in: decoded in the limited process, stored, then a row; nothing of it inside a transaction."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import TemporaryUploadedFile

from generations import media, storage
from generations.models import AudioUpload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.files.uploadedfile import UploadedFile

    from accounts.models import User
    from dashscope_client.catalogue import ModelSpec
    from teams.models import Project

NAME_LENGTH = 120


def keep_audio(uploaded: UploadedFile, *, project: Project, user: User, model: ModelSpec) -> AudioUpload:
    """The stored upload; the same file of the same project is stored once.

    Raises media.MediaRefused (the file is to blame), media.MediaCrashed and storage.StorageError.
    """
    with _on_disk(uploaded) as path:
        facts = media.probe_audio(
            path,
            min_seconds=model.audio_min_seconds,
            max_seconds=model.audio_max_seconds,
            max_bytes=model.audio_max_bytes,
        )
        sha256 = _sha256(path)
        known = AudioUpload.objects.filter(project=project, sha256=sha256).order_by("pk").first()
        if known:
            return known
        name = uuid.uuid4()
        key = storage.audio_key(name, facts.format)
        content_type = "audio/mpeg" if facts.format == "mp3" else "audio/wav"
        stored = storage.put_file(path, key, content_type=content_type, sha256=None)
    return AudioUpload.objects.create(
        uuid=name,
        project=project,
        uploaded_by=user,
        name=(uploaded.name or "audio")[-NAME_LENGTH:],
        kind=facts.format,
        seconds=facts.seconds,
        size=stored.size,
        sha256=sha256,
        storage=stored.storage,
        key=stored.key,
    )


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
