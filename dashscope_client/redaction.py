"""What must never be read in a message, a log line or a traceback: API keys and the signatures of signed URLs."""

import re

MESSAGE_LIMIT = 500  # characters kept of anything the service tells us

_HIDDEN = "[hidden]"
_KEYS = re.compile(r"\bsk-[A-Za-z0-9_.\-*]{4,}")
_BEARER = re.compile(r"(?i)\bbearer\s+[^\s,;\"']+")
_SIGNED = re.compile(
    r"(?i)\b(Signature|OSSAccessKeyId|security-token|x-oss-signature|x-oss-credential|x-oss-security-token"
    r"|X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token)=[^&\s\"'<>)]*"
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def redact(text: str, *secrets: str) -> str:
    """One line of at most `MESSAGE_LIMIT` characters without the given secrets, any API key or any URL signature."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, _HIDDEN)
    text = _BEARER.sub(_HIDDEN, text)
    text = _KEYS.sub(_HIDDEN, text)
    text = _SIGNED.sub(rf"\1={_HIDDEN}", text)
    text = _CONTROLS.sub(" ", text).strip()
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"
