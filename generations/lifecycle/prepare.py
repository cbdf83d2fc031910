"""Before the create call: the audio where Wan can fetch it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from dashscope_client import DashScopeError
from generations import clock, storage, wan
from generations.models import AudioTransfer

if TYPE_CHECKING:
    from generations.models import AudioUpload, Generation, WanAccount

logger = logging.getLogger(__name__)
REUSE = timedelta(hours=24)  # the service keeps a temporary upload for 48 h (contract §7)
SURELY_GOOD = timedelta(seconds=storage.SIGNED_MOST - storage.SIGNING_WINDOW)  # a signed address


class NotYet(Exception):
    """The audio can't be handed over now; tried again later. `reason` is a word of words.WAITING."""

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class AudioGone(Exception):
    """The stored audio is no longer there: the take fails."""

    event, cause = "audio_gone", "audio-gone"


class AudioDamaged(AudioGone):
    """There is another file in its place."""

    event, cause = "audio_damaged", "audio-damaged"


def audio_url(generation: Generation) -> str:
    """An address of the take's audio for its account. Raises NotYet, AudioGone, AudioDamaged."""
    audio, account = generation.audio, generation.account
    if audio is None:
        raise ValueError("This take has no audio.")
    if settings.STUDIO_AUDIO_URLS == "storage" and audio.storage == "s3":
        return _signed(audio)
    fresh = AudioTransfer.objects.filter(audio=audio, account=account, model=generation.model)
    known = fresh.filter(uploaded_at__gt=clock.now() - REUSE).first()
    return known.url if known else _upload(audio, account, generation.model)


def has_run_out(generation: Generation) -> bool:
    """Whether the signed address that Wan got ended while the task was there: a fresh one may pass."""
    audio, accepted_at = generation.audio, generation.accepted_at
    is_signed = audio is not None and settings.STUDIO_AUDIO_URLS == "storage" and audio.storage == "s3"
    return is_signed and accepted_at is not None and clock.now() - accepted_at > SURELY_GOOD


def _signed(audio: AudioUpload) -> str:
    try:
        return storage.signed_url(audio.storage, audio.key, content_type=audio.content_type)
    except storage.StorageError as refused:
        raise NotYet("audio") from refused


def _upload(audio: AudioUpload, account: WanAccount, model: str) -> str:
    try:
        with storage.workspace() as directory:
            path = directory / f"audio.{audio.kind}"
            storage.fetch_file(audio.storage, audio.key, path)
            if path.stat().st_size != audio.size:
                raise AudioDamaged
            with path.open("rb") as content:
                upload = wan.client_for(account).upload_file(
                    model=model, filename=f"{audio.uuid}.{audio.kind}", content=content, size=audio.size
                )
    except storage.ObjectMissing as gone:
        raise AudioGone from gone
    except (storage.StorageError, OSError) as refused:
        logger.warning("Audio %s could not be read: %s", audio.uuid, refused)
        raise NotYet("audio") from refused
    except DashScopeError as error:
        logger.warning("Audio %s could not be uploaded: %s", audio.uuid, error)
        raise NotYet("audio", error.code) from error
    AudioTransfer.objects.update_or_create(
        audio=audio, account=account, model=model, defaults={"url": upload.url, "uploaded_at": upload.uploaded_at}
    )
    return upload.url
