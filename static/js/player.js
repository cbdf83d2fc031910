// A native video under our own transport: frames, loop, sound, full screen, a strip to scrub on.
import { isForeign } from "./page.js";

const RETRY_PAUSE = 5000;

const clock = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;

/** Take over the controls of a video; its address may change later. `isAwake`: its keys are meant for it now. */
export function watch(video, { transport = document.getElementById("transport"), strip = document.getElementById("strip"), isAwake = () => video.isConnected } = {}) {
  video.dataset.watched = "";
  video.controls = false;
  transport.hidden = false;
  bindButtons(video, transport);
  bindSpeed([video], transport);
  bindKeys(video, transport, isAwake);
  bindFullscreen(video);
  if (strip) bindStrip(video, strip);
  keepTime(video, transport, strip);
  survive(video);
}

function bindButtons(video, transport) {
  const play = transport.querySelector("[data-play]");
  const loop = transport.querySelector("[data-loop]");
  const mute = transport.querySelector("[data-mute]");
  play.addEventListener("click", () => toggle(video));
  video.addEventListener("click", () => toggle(video));
  for (const button of transport.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => step(video, Number(button.dataset.step)));
  }
  loop.ariaPressed = String(video.loop);
  loop.addEventListener("click", () => { video.loop = !video.loop; loop.ariaPressed = String(video.loop); });
  mute.addEventListener("click", () => { video.muted = !video.muted; });
  transport.querySelector("[data-fullscreen]").addEventListener("click", () => {
    if (video.requestFullscreen) video.requestFullscreen();
    else video.webkitEnterFullscreen?.();
  });
  for (const name of ["play", "pause", "ended"]) {
    video.addEventListener(name, () => {
      transport.classList.toggle("playing", !video.paused);
      play.ariaLabel = video.paused ? play.dataset.playLabel : play.dataset.pauseLabel;
    });
  }
  video.addEventListener("volumechange", () => {
    transport.classList.toggle("muted", video.muted);
    mute.ariaPressed = String(video.muted);
  });
}

/** One choice of speed for these videos. */
export function bindSpeed(videos, transport) {
  const speed = transport.querySelector("[data-speed]");
  speed.addEventListener("change", () => {
    for (const video of videos) video.playbackRate = video.defaultPlaybackRate = Number(speed.value);
  });
}

/** The next slower or faster one on the list. */
export function shiftSpeed(transport, by) {
  const speed = transport.querySelector("[data-speed]");
  speed.selectedIndex = Math.min(speed.length - 1, Math.max(0, speed.selectedIndex + by));
  speed.dispatchEvent(new Event("change"));
}

function bindKeys(video, transport, isAwake) {
  document.addEventListener("keydown", (event) => {
    if (!isAwake() || document.querySelector("#keys[open]") || isForeign(event, "input, textarea, select, summary, a")) return;
    if (event.key === "<" || event.key === ">") shiftSpeed(transport, event.key === "<" ? -1 : 1);
    if (event.key === "l") transport.querySelector("[data-loop]").click();
    if (event.key === "," || event.key === ".") step(video, event.key === "," ? -1 : 1);
    if (event.key === " " && !event.target.matches("button")) {
      event.preventDefault();
      transport.querySelector("[data-play]").click();
    }
  });
}

function bindFullscreen(video) {
  document.addEventListener("fullscreenchange", () => { video.controls = document.fullscreenElement === video; });
}

function bindStrip(video, strip) {
  strip.role = "slider";
  strip.tabIndex = 0;
  strip.ariaLabel = strip.dataset.label;
  strip.ariaValueMin = "0";
  const seek = (event) => {
    const box = strip.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    if (video.duration) video.currentTime = share * video.duration;
  };
  strip.addEventListener("pointerdown", (event) => {
    strip.setPointerCapture(event.pointerId);
    seek(event);
  });
  strip.addEventListener("pointermove", (event) => { if (strip.hasPointerCapture(event.pointerId)) seek(event); });
  strip.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    const to = { Home: 0, End: video.duration }[event.key] ?? (by && video.currentTime + by);
    if (to === undefined || !video.duration) return;
    event.preventDefault();
    video.currentTime = Math.min(video.duration, Math.max(0, to));
  });
}

/** The clock and the playhead, each frame while it plays. */
function keepTime(video, transport, strip) {
  const time = transport.querySelector("output");
  const show = () => {
    const length = video.duration || 0;
    time.value = `${clock(video.currentTime)} / ${clock(length).replace(/\.0$/, "")}`;
    if (strip) {
      strip.style.setProperty("--at", length ? video.currentTime / length : 0);
      strip.ariaValueMax = length.toFixed(1);
      strip.ariaValueNow = video.currentTime.toFixed(1);
      strip.ariaValueText = time.value;
    }
    if (!video.paused && video.isConnected) requestAnimationFrame(show);
  };
  for (const name of ["loadedmetadata", "seeked", "timeupdate", "play", "pause"]) video.addEventListener(name, show);
  if (video.readyState) show();
}

/** A signed URL runs out while a page stays open: fetch a fresh one and go on where it was. When that does not help, the
 * page says so beside a button that tries again. */
function survive(video) {
  const note = video.parentElement.querySelector(".unplayable");
  let last = -Infinity;
  const tell = (isLost) => { if (note) note.hidden = !isLost; };
  note?.querySelector("button").addEventListener("click", () => { last = -Infinity; video.load(); });
  for (const name of ["loadstart", "loadedmetadata"]) video.addEventListener(name, () => tell(false));
  video.addEventListener("error", () => {
    const now = performance.now();
    const address = video.getAttribute("src")?.replace(/\?again=.*/, "");
    if (!address) return;
    if (now - last < RETRY_PAUSE) return tell(true);
    last = now;
    const { currentTime } = video;
    const wasPlaying = !video.paused;
    video.src = `${address}?again=${Date.now()}`;
    video.addEventListener("loadedmetadata", () => {
      video.currentTime = currentTime;
      if (wasPlaying) video.play();
    }, { once: true });
  });
}

function step(video, frames) {
  video.pause();
  const frame = 1 / (Number(video.dataset.fps) || 30);
  video.currentTime = Math.min(video.duration || 0, Math.max(0, video.currentTime + frames * frame));
}

function toggle(video) {
  if (video.paused) video.play();
  else video.pause();
}
