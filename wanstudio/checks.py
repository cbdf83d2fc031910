"""What `manage.py check` asks besides Django's own questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.apps import AppConfig

# django-storages passes these over without a word once a client_config is given.
IGNORED_BESIDE_CLIENT_CONFIG = ("addressing_style", "signature_version", "proxies")


@register(Tags.security, deploy=True)
def no_demo(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    if not settings.STUDIO_DEMO:
        return []
    hint = "Unset STUDIO_DEMO and set DASHSCOPE_API_KEY."
    return [Error("STUDIO_DEMO lets anybody in without a password.", hint=hint, id="wanstudio.E001")]


@register(Tags.security, deploy=True)
def mail_for_passwords(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Open sign-up without mail means accounts on addresses that nobody has proven to be theirs."""
    if not settings.STUDIO_OPEN_SIGNUP or settings.EMAIL_URL or settings.STUDIO_DEMO:
        return []
    hint = "Set EMAIL_URL, so that addresses are verified, or unset STUDIO_OPEN_SIGNUP."
    return [Error("Anybody can sign up with anybody's address.", hint=hint, id="wanstudio.E002")]


@register(Tags.files)
def storage_options(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """OSS refuses what boto3 sends by default, and silently ignored options bring that back."""
    options = settings.STORAGES.get("s3", {}).get("OPTIONS")
    if options is None:
        return []
    config = options.get("client_config")
    if getattr(config, "request_checksum_calculation", None) != "when_required":
        return [
            Error(
                "The S3 client would send checksums as trailers, which OSS refuses.",
                hint="Set request_checksum_calculation to when_required in client_config.",
                id="wanstudio.E003",
            )
        ]
    ignored = [name for name in IGNORED_BESIDE_CLIENT_CONFIG if name in options]
    if not ignored:
        return []
    hint = "Move them into client_config."
    return [Error(f"Storage options without effect: {', '.join(ignored)}.", hint=hint, id="wanstudio.E004")]
