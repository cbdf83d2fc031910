"""What may be sent in one file: beyond it the bytes are let go as they come; the form's other fields still count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.http import HttpRequest


class TooLarge(Exception):
    """A file was let go. Becomes a 413."""

    @property
    def sentence(self) -> str:
        most = filesizeformat(settings.UPLOAD_BYTES_MOST)
        return _("A file has at most %(most)s here. This one is larger, so nothing was done with it.") % {"most": most}


class BoundedUploadHandler(FileUploadHandler):
    """Comes before those that keep the bytes; a file that is too large is not among `request.FILES`."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > settings.UPLOAD_BYTES_MOST:
            self.request._has_too_large_file = True  # type: ignore[union-attr]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        """Another handler has it."""
        return None


def was_too_large(request: HttpRequest) -> bool:
    """A file of this request was let go."""
    request.FILES  # noqa: B018  read now, if nobody has
    return getattr(request, "_has_too_large_file", False)
