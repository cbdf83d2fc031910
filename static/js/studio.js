// What every page needs and HTML cannot do by itself: clocks, one poll, previews, the theme, a few keys.
// Nothing here is required for a page to work.
import "./bell.js";
import { all, announce, one, renewToken } from "./page.js";

// Clocks. The server says how many seconds had passed when it drew the card, so the two clocks need not agree.
const FULL = 0.95;
const drawn = new WeakMap();

function clock(seconds) {
  const pad = (number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function tick() {
  for (const piece of all("[data-ticks]")) {
    if (!drawn.has(piece)) drawn.set(piece, performance.now() - Number(piece.dataset.elapsed) * 1000);
    const seconds = Math.floor((performance.now() - drawn.get(piece)) / 1000);
    const usual = Number(piece.dataset.usual);
    write(one("[data-clock]", piece), clock(seconds));
    if (!usual) continue;
    const line = one("[data-line]", piece);
    if (seconds > usual) write(line, line.dataset.longer);
    const value = Math.min(FULL, seconds / usual).toFixed(3);
    piece.style.setProperty("--value", value);
    const bar = one(".progress", piece);
    bar?.style.setProperty("--value", value);
    if (bar?.hasAttribute("aria-valuenow")) bar.ariaValueNow = Math.round(value * 100);
  }
}
setInterval(tick, 1000);
tick();

// One poll for the page: often as long as something is unfinished, else now and then for what others make; a slow one,
// for the title, when nobody looks at it.
const PAUSE = 3000;
const UNWATCHED = 15_000;
const LONG_PAUSE = 30_000;
const MOST = 60;
let asking = false;
let asked = performance.now();

function isDue(poller) {
  if (!poller || asking) return false;
  const [rested, isWatched] = [performance.now() - asked, document.visibilityState === "visible"];
  if ("polling" in poller.dataset) return isWatched || rested > UNWATCHED;
  return isWatched && Boolean(one("#news")) && rested > LONG_PAUSE;
}

async function poll() {
  const poller = one("#poller");
  if (!isDue(poller)) return;
  const live = all(".take[data-live]").slice(0, MOST);
  const address = new URL(poller.dataset.url, location.href);
  address.searchParams.set("project", poller.dataset.project);
  address.searchParams.set("ids", live.map((take) => take.dataset.take).join(","));
  address.searchParams.set("v", [poller.dataset.v, ...live.map((take) => take.dataset.v)].join("."));
  for (const name of ["view", "mark"]) if (one("#news")) address.searchParams.set(name, one("#news").dataset[name]);
  document.dispatchEvent(new CustomEvent("poll", { detail: address.searchParams }));
  asking = true;
  asked = performance.now();
  try {
    // Everything comes out of band. What asks stays on the page, so that an answer always finds its places.
    await htmx.ajax("GET", address.pathname + address.search, { source: "#announce", target: "#announce", swap: "none" });
  } catch {
    // The next round asks again.
  } finally {
    asking = false;
  }
}

// Before anything is sent from a page whose person may have signed in again in another window.
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && renewToken());
for (const name of ["htmx:confirm", "submit"]) document.addEventListener(name, renewToken, { capture: true });

// Away from the network: said quietly, and taken back by the next answer.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt?.id === "announce" && one("[data-away]")) one("[data-away]").hidden = Boolean(detail.xhr?.status);
});
setInterval(poll, PAUSE);
document.addEventListener("visibilitychange", poll);

// What an answer of the server says joins what the page itself says.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (detail.target?.id !== "announce") return;
  detail.shouldSwap = false;
  announce(detail.fragment.textContent);
});

// A place stays as it is until what was pressed in it is answered: htmx draws nothing out of band for a form that is no longer
// in the page. What was to be drawn is asked for once more.
let answered = null; // whose answer it is that is being drawn
const isAsking = (place) => [place, ...all(".htmx-request", place)].some((asks) => asks !== answered && asks.matches(".htmx-request"));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  answered = detail.requestConfig.elt;
  if (answered.matches("[hx-trigger^=every]") && isAsking(detail.target)) detail.shouldSwap = false;
});
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (!detail.target?.matches(".take, #queue-tray") || !isAsking(detail.target)) return;
  detail.shouldSwap = false;
  setTimeout(() => one("#poller")?.setAttribute("data-polling", ""));
});

// A swap never loses the keyboard's place: the same control in the fresh card, else the card itself.
let focused = null;
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const place = document.activeElement?.closest(".take, #queue-tray");
  if (place && place.id === detail.target?.id) focused = { control: document.activeElement.id, place: place.id };
  for (const twin of all(".take[id]", detail.fragment)) {
    if (detail.target?.id !== twin.id && document.getElementById(twin.id)) twin.remove();
  }
});
document.addEventListener("htmx:afterSettle", () => {
  tick();
  if (!focused || document.activeElement !== document.body) return;
  const target = (focused.control && document.getElementById(focused.control)) || document.getElementById(focused.place);
  focused = null;
  target?.focus({ preventScroll: true });
});

// After an action on a take: ask at once; what makes a new take redraws the grid.
function redraw() {
  if (one("#stage")) htmx.ajax("GET", location.pathname + location.search, { target: "#stage", select: "#stage", swap: "outerHTML" });
}
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  // By address: the form that asked may have been swapped away with its card.
  const [, action] = detail.pathInfo?.requestPath?.match(/^\/generations\/[^/]+\/(cancel|retry|print|decide|line)$/) ?? [];
  if (["retry", "print"].includes(action) && detail.successful) redraw();
  else if (action || /^\/batches\/[^/]+\/line$/.test(detail.pathInfo?.requestPath)) poll();
});
let redrawing = 0;
function redrawOnce() {
  clearTimeout(redrawing);
  redrawing = setTimeout(redraw, 50);
}
document.addEventListener("htmx:oobErrorNoTarget", ({ detail }) => { if (/^(take|takes|scene|about)-/.test(detail.content?.id)) redrawOnce(); });
document.addEventListener("redraw", redrawOnce);

// Preview: muted, one at a time, after a moment of rest; never when somebody asked for less.
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const fine = matchMedia("(hover: hover)");
let resting = 0;
let playing = null;

function stopPreview() {
  clearTimeout(resting);
  playing?.remove();
  playing = null;
}

function startPreview(link) {
  playing = document.createElement("video");
  Object.assign(playing, { src: link.dataset.preview, muted: true, loop: true, playsInline: true, className: "preview" });
  playing.setAttribute("aria-hidden", "true");
  playing.addEventListener("error", stopPreview);
  playing.addEventListener("playing", ({ target }) => target.classList.add("on"));
  link.append(playing);
  playing.play().catch(stopPreview);
}

document.addEventListener("pointerover", ({ target }) => {
  const link = target.closest?.("[data-preview]");
  if (playing?.parentElement === link && link) return;
  stopPreview();
  if (!link || calm.matches || !fine.matches || navigator.connection?.saveData) return;
  resting = setTimeout(() => startPreview(link), 300);
});
document.addEventListener("pointerout", ({ target, relatedTarget }) => {
  const link = target.closest?.("[data-preview]");
  if (link && !link.contains(relatedTarget)) stopPreview();
});

// A small poster that can't be had: the large one in its place. If that can't either, the take's words; a strip without
// frames stays a bar.
function withoutPicture(image) {
  if (image.src.includes("?size=small") && !image.dataset.tried) {
    image.dataset.tried = "small";
    image.removeAttribute("srcset");
    image.src = image.src.replace("?size=small", "");
    return;
  }
  const tile = image.matches(".take img") && image.closest(".take");
  if (image.matches("#strip img")) image.remove();
  if (!tile || one(".no-picture", tile)) return;
  const words = document.createElement("span");
  Object.assign(words, { className: "no-picture", textContent: image.alt });
  image.replaceWith(words);
}
document.addEventListener("error", ({ target }) => { if (target.matches?.("img")) withoutPicture(target); }, { capture: true });
for (const image of all("#strip img, img[src*='size=small']")) if (image.complete && !image.naturalWidth && image.currentSrc) withoutPicture(image);

// Theme: shown at once, remembered by the form's own request.
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("button[name=theme]");
  if (!button) return;
  document.documentElement.dataset.theme = button.value;
  for (const other of all("button[name=theme]")) other.ariaPressed = String(other === button);
});

// Tile size: kept in this browser.
const SIZE = "wanstudio.rows";
const size = localStorage.getItem(SIZE);
function restoreSize() {
  const kept = localStorage.getItem(SIZE);
  if (kept && one(`#${CSS.escape(kept)}`)) one(`#${CSS.escape(kept)}`).checked = true;
}
if (size) restoreSize();
document.addEventListener("change", ({ target }) => {
  if (target.name === "rows") localStorage.setItem(SIZE, target.id);
});
document.addEventListener("htmx:afterSettle", restoreSize);
