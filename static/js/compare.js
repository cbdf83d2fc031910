// Two videos on one transport. Without it each has its native controls and the wipe is side by side.
import { all, isForeign, LEFT, one } from "./page.js";
import { bindSpeed, shiftSpeed } from "./player.js";

const DRIFT = 0.06; // seconds that the second may be off before it is set right; two frames
const clock = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;

function watch(pair) {
  const [a, b] = all("video", pair);
  const transport = one("#transport");
  const position = one("#position");
  const play = one("[data-play]", transport);
  const loop = one("[data-loop]", transport);
  const length = () => Math.max(a.duration || 0, b.duration || 0);
  const lead = () => ((b.duration || 0) > (a.duration || 0) ? b : a);
  pair.dataset.watched = "";
  transport.hidden = false;
  for (const video of [a, b]) video.controls = false;

  const seek = (time) => {
    for (const video of [a, b]) video.currentTime = Math.min(Math.max(0, time), video.duration || 0);
  };
  const pause = () => { a.pause(); b.pause(); };
  const start = () => {
    if (lead().currentTime >= length() - 0.05) seek(0);
    for (const video of [a, b]) if (video.currentTime < (video.duration || 0)) video.play();
  };
  const step = (frames) => {
    pause();
    seek(lead().currentTime + frames / (Number(a.dataset.fps) || 30));
  };
  const isPlaying = () => !lead().paused;
  const show = () => {
    const [time, whole] = [lead().currentTime, length()];
    one("output", transport).value = `${clock(time)} / ${clock(whole).replace(/\.0$/, "")}`;
    position.value = whole ? time / whole : 0;
    position.style.setProperty("--at", position.value);
    transport.classList.toggle("playing", isPlaying());
    play.ariaLabel = isPlaying() ? play.dataset.pauseLabel : play.dataset.playLabel;
    const [other, leading] = lead() === a ? [b, a] : [a, b];
    if (isPlaying() && !other.ended && !other.seeking && Math.abs(other.currentTime - leading.currentTime) > DRIFT) {
      other.currentTime = Math.min(leading.currentTime, other.duration || 0);
    }
    if (isPlaying() && pair.isConnected) requestAnimationFrame(show);
  };
  for (const name of ["loadedmetadata", "seeked", "timeupdate", "play", "pause", "ended"]) {
    for (const video of [a, b]) video.addEventListener(name, show);
  }

  const toggle = () => (isPlaying() ? pause() : start());
  play.addEventListener("click", toggle);
  pair.addEventListener("click", ({ target }) => { if (target.matches("video")) toggle(); });
  for (const button of all("[data-step]", transport)) button.addEventListener("click", () => step(Number(button.dataset.step)));
  position.addEventListener("input", () => seek(Number(position.value) * length()));
  transport.addEventListener("change", ({ target }) => {
    if (target.name !== "sound") return;
    for (const video of [a, b]) video.muted = video.dataset.side !== target.value;
  });
  bindSpeed([a, b], transport);
  loop.addEventListener("click", () => { loop.ariaPressed = String(loop.ariaPressed !== "true"); });
  for (const video of [a, b]) { // from the beginning at once, when the longer one is over
    video.addEventListener("ended", () => { if (video === lead() && loop.ariaPressed === "true") start(); });
  }
  one("#wipe").addEventListener("input", ({ target }) => pair.style.setProperty("--wipe", `${target.value}%`));
  document.addEventListener("keydown", (event) => {
    if (!pair.isConnected || isForeign(event, "input:not([type=range], [type=radio]), textarea, select, a")) return;
    if (event.key === "<" || event.key === ">") shiftSpeed(transport, event.key === "<" ? -1 : 1);
    if (event.key === "l") loop.click();
    if (event.key === "," || event.key === ".") step(event.key === "," ? -1 : 1);
    if (event.key === " " && !event.target.matches("button")) {
      event.preventDefault();
      toggle();
    }
  });
  show();
}

document.addEventListener("click", ({ target }) => {
  if (target.closest?.("#way-back")) sessionStorage.setItem(LEFT, "compare");
});

document.addEventListener("click", (event) => {
  const layout = event.target.closest?.("#layout a");
  if (!layout || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  one("#pair").classList.toggle("wipe", layout.dataset.layout === "wipe");
  for (const link of all("#layout a")) link.toggleAttribute("aria-current", link === layout);
  layout.setAttribute("aria-current", "true");
  history.replaceState(history.state, "", layout.href);
});

function settle() {
  const pair = one("#pair:not([data-watched])");
  if (pair) watch(pair);
}
document.addEventListener("htmx:afterSettle", settle);
settle();
