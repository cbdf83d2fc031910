"""Static files under names that change with their content, in `import` lines of our own scripts, too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# A page whose visitors come once gets its styles in one file, so that they don't hold up the film.
BUNDLES = {"css/room.css": ("tokens", "base", "components", "chrome", "watch")}


class StaticFiles(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
    # Only ours: scripts of packages name files that they don't bring along.
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )


class Bundles(BaseFinder):
    """Stylesheets that are put together of others of `static/css`, in `$STUDIO_DATA_DIR/bundles`."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [self._write(path)] if path in BUNDLES else []
        return found if find_all else next(iter(found), [])

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for path in BUNDLES:
            self._write(path)
            yield path, FileSystemStorage(self._directory)

    @property
    def _directory(self) -> Path:
        return Path(settings.STUDIO_DATA_DIR) / "bundles"

    def _write(self, path: str) -> str:
        """Where it is. A file that is right already keeps its time, so that nothing is collected anew."""
        css, target = Path(settings.BASE_DIR) / "static" / "css", self._directory / path
        content = "".join((css / f"{part}.css").read_text() for part in BUNDLES[path])
        if not target.is_file() or target.read_text() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        return str(target)
