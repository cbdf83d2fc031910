"""Sound: fetching and judging the creator's file as the service does, and a quiet bed where there is none.

Only loopback addresses are fetched: this is a local simulator, not a proxy.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import ssl
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from dashscope_simulator.errors import TaskFailure

USER_AGENT = "Mozilla/5.0 (compatible; DashScopeUserBot/1.0)"
MAX_BYTES = 15 * 1024 * 1024
MIN_SECONDS, MAX_SECONDS = 2.0, 30.0
SAMPLE_RATE = 48000
_TIMEOUT = 10
_TOLERANCE = 0.05
_TYPE = "File type is not supported. Allowed types are: .wav, .mp3."

Samples = NDArray[np.float32]


def fetch_audio(url: str) -> bytes:
    """At most 15 MB from an http(s) URL on loopback. Raises TaskFailure with the service's code and message."""
    for _ in range(4):
        status, location, content = _get(url)
        if status not in (301, 302, 303, 307, 308) or not location:
            return _judged(status, content)
        url = urljoin(url, location)
    raise TaskFailure("InvalidParameter", "Failed to download multimodal content")


def _get(url: str) -> tuple[int, str | None, bytes]:
    parts = _local_parts(url)
    connection = _connection(parts)
    try:
        target = parts.path or "/"
        connection.request(
            "GET",
            f"{target}?{parts.query}" if parts.query else target,
            headers={"User-Agent": USER_AGENT, "Host": parts.netloc, "Accept": "*/*"},
        )
        response = connection.getresponse()
        return response.status, response.getheader("Location"), response.read(MAX_BYTES + 1)
    except TimeoutError:
        raise TaskFailure("InvalidURL.Timeout", f"Download {url} timeout, please check network connection.") from None
    except (OSError, http.client.HTTPException):
        raise TaskFailure(
            "InvalidURL.ConnectionRefused", f"Connection to {url} refused, please provide available URL"
        ) from None
    finally:
        connection.close()


def _local_parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise TaskFailure("InvalidURL") from None
    if parts.scheme not in ("http", "https") or not host or not url.isascii():
        raise TaskFailure("InvalidURL", "Invalid URL provided in your request.")
    if not _is_loopback(host):
        raise TaskFailure("InvalidURL.ConnectionRefused", f"Connection to {host} refused, please provide available URL")
    return parts


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    address = "127.0.0.1" if host.endswith("localhost") else host
    if parts.scheme == "http":
        return http.client.HTTPConnection(address, parts.port, timeout=_TIMEOUT)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # loopback test servers sign for themselves
    return http.client.HTTPSConnection(address, parts.port, timeout=_TIMEOUT, context=context)


def _judged(status: int, content: bytes) -> bytes:
    if status in (401, 403):
        raise TaskFailure("InvalidParameter", "Don't have authorization to access the media resource, please check.")
    if status in (404, 410):
        raise TaskFailure("InvalidParameter", "Failed to find the requested media resource, please check.")
    if status != 200:
        raise TaskFailure("InvalidParameter", "Failed to download multimodal content")
    return content


def inspect_audio(content: bytes) -> None:
    """Raises TaskFailure unless it is a readable wav or mp3 of 2 to 30 seconds and at most 15 MB."""
    if len(content) > MAX_BYTES:
        raise TaskFailure("InvalidURL", "File size is larger than 15MB.")
    seconds = len(decode_audio(content, MAX_SECONDS + 1)) / SAMPLE_RATE
    if seconds > MAX_SECONDS + _TOLERANCE:
        raise TaskFailure("InvalidURL", "The input audio is longer than 30s.")
    if seconds < MIN_SECONDS - _TOLERANCE:
        raise TaskFailure("InvalidURL", "The input audio is shorter than 2s.")


def decode_audio(content: bytes, seconds: float) -> Samples:
    """The first seconds as an (n, 2) array at 48 kHz. Raises TaskFailure for anything but wav and mp3."""
    kind = _kind(content)
    pieces: list[NDArray[Any]] = []
    count, wanted = 0, int(seconds * SAMPLE_RATE)
    try:
        with av.open(io.BytesIO(content), "r", format=kind) as container:
            resampler = av.AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE)
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    pieces.append(part.to_ndarray().reshape(-1, 2))
                    count += len(pieces[-1])
                if count >= wanted:
                    break
            for part in resampler.resample(None):
                pieces.append(part.to_ndarray().reshape(-1, 2))
    except (av.error.FFmpegError, IndexError):
        if not pieces:
            raise TaskFailure("InvalidURL", _TYPE) from None
    if not pieces:
        raise TaskFailure("InvalidURL", _TYPE)
    return np.concatenate(pieces).astype(np.float32)[:wanted]


def _kind(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "wav"
    if content[:3] == b"ID3" or (len(content) > 2 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0):
        return "mp3"
    raise TaskFailure("InvalidURL", _TYPE)


def fitted(samples: Samples, seconds: int) -> Samples:
    """Exactly `seconds` long: cut, or continued in silence."""
    wanted = seconds * SAMPLE_RATE
    if len(samples) >= wanted:
        return samples[:wanted]
    return np.concatenate([samples, np.zeros((wanted - len(samples), 2), np.float32)])


_ROOTS = (110.0, 123.47, 98.0, 130.81, 103.83, 116.54)
_CHORDS = ((1, 1.5, 2, 2.5, 3), (1, 1.5, 2, 2.4, 3), (1, 1.5, 2.25, 2.5, 3), (1, 1.333, 2, 2.667, 3))


def quiet_bed(seconds: int, seed: int, *, voices: int = 5) -> Samples:
    """An evolving pad: detuned voices of one chord (at most 5) that swell at their own pace, faded in and out."""
    rng = np.random.default_rng(seed)
    count = seconds * SAMPLE_RATE
    time = np.arange(count, dtype=np.float32) / SAMPLE_RATE
    root, chord = _ROOTS[rng.integers(len(_ROOTS))], _CHORDS[rng.integers(len(_CHORDS))]
    left, right = np.zeros(count, np.float32), np.zeros(count, np.float32)
    for number, ratio in enumerate(chord[:voices]):
        pace, phase, pan = rng.uniform(0.05, 0.14), rng.uniform(0, 6.28), 0.5 + 0.35 * rng.uniform(-1, 1)
        swell = (0.62 + 0.38 * np.sin(6.2832 * pace * time + phase)) / (1 + 0.75 * number)
        for detune, share in ((0.9985, 1 - pan), (1.0015, pan)):
            voice = swell * np.sin(6.2832 * root * ratio * detune * time + np.float32(rng.uniform(0, 6.28)))
            left += voice * share
            right += voice * (1 - share)
    fade = np.clip(np.minimum(time / 1.2, (seconds - time) / 1.5), 0, 1)
    return (np.stack([left, right], axis=1) * (0.085 * fade * fade * (3 - 2 * fade))[:, None]).astype(np.float32)
