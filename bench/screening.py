"""A screening in a browser: what goes over the wire, and the time to the first frame beside a bare `<video>` page of
the same file, in the same run, each with an empty cache."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from bench.options import QUICK
from bench.table import milliseconds, share, show
from bench.workbench import workbench
from tests.e2e.conftest import CHROMIUM

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from bench.workbench import Workbench
    from generations.models import Generation

CLIPS = 6
VISITS = 5 if QUICK else 20
SECONDS = 5
# The moment at which a frame of the film can be shown, since the navigation began.
WATCH = """document.addEventListener("loadeddata", () => (window.firstFrame = performance.now()), true);"""
BARE = '<!doctype html><title>Bare</title><video src="{}" controls playsinline preload="metadata"></video>'


def main() -> None:
    with workbench() as bench:
        bench.start("web")
        address, film = _share(bench)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM)
            _measure(browser, f"{bench.url}{address}", f"{bench.url}{film}")
            browser.close()


def _share(bench: Workbench) -> tuple[str, str]:
    """A link to clips that are there; the path of its page and of its first film."""
    from bench.rows import finished, project_of
    from generations.models import Generation
    from screenings.models import ShareLink

    user = bench.maker()
    finished(user, CLIPS)
    clips = list(Generation.objects.order_by("pk"))
    for clip in clips:
        _store(clip, bench.directory)
    expires = clips[0].created_at + timedelta(days=30)
    link = ShareLink(project=project_of(user), created_by=user, name="Bench", expires_at=expires)
    path = f"/s/{link.renew_token()}/"
    link.save()
    link.show(clips)
    return path, f"{path}clips/{clips[0].uuid}/video"


def _store(clip: Generation, directory: Path) -> None:
    from generations import storage
    from generations.lifecycle.derive import derive
    from tests.generations.media_files import write_video

    film = write_video(directory / "film.mp4", SECONDS, size=(1280, 720))
    clip.video_key, clip.storage = storage.generation_key(clip.uuid, "video.mp4"), "local"
    storage.put_file(film, clip.video_key, content_type="video/mp4")
    clip.save(update_fields=["video_key", "storage"])
    derive(clip, film)


def _measure(browser: Browser, room: str, film: str) -> None:
    frames: dict[str, list[float]] = defaultdict(list)
    weights: dict[str, dict[str, int]] = {}
    for _ in range(VISITS):
        for name, url in (("screening", room), ("bare", room + "bare")):
            seconds, weights[name] = _visit(browser, url, film)
            frames[name].append(seconds)
    kinds = sorted({kind for weight in weights.values() for kind in weight})
    rows = [[kind, *(weights[name].get(kind, 0) for name in frames)] for kind in kinds]
    page = [["without the film", *(sum(weight.values()) - weight["Media"] for weight in weights.values())]]
    show("Bytes over the wire", [["", *frames], *rows, *page], note=f"{CLIPS} clips, an empty cache, no compression.")
    base = share(frames["bare"], 0.5)
    rows = [
        [name, milliseconds(share(times, 0.5)), milliseconds(share(times, 0.95)), f"{share(times, 0.5) / base:.2f} ×"]
        for name, times in frames.items()
    ]
    show(f"To the first frame, {VISITS} visits", [["", "p50", "p95", "against bare"], *rows])


def _visit(browser: Browser, url: str, film: str) -> tuple[float, dict[str, int]]:
    """Seconds, and bytes by kind."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    page.route("**/bare", lambda route: route.fulfill(body=BARE.format(film), content_type="text/html"))
    network, kinds, weight = context.new_cdp_session(page), {}, defaultdict(int)
    network.send("Network.enable")
    network.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))

    def add(event: dict, *, is_over: bool) -> None:
        """A film is never loaded to its end, and tells its bytes as they come."""
        kind = kinds.get(event["requestId"], "Other")
        weight[kind] += int(event["encodedDataLength"]) if is_over != (kind == "Media") else 0

    network.on("Network.dataReceived", lambda event: add(event, is_over=False))
    network.on("Network.loadingFinished", lambda event: add(event, is_over=True))
    page.goto(url)
    page.wait_for_function("() => window.firstFrame")
    page.wait_for_load_state("networkidle")
    seconds = page.evaluate("() => window.firstFrame") / 1000
    context.close()
    return seconds, dict(weight)


if __name__ == "__main__":
    main()
