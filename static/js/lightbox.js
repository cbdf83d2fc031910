// One clip large above the grid, in the grid's order: watch, judge, next. The tile below stays the truth; what is
// shown here is read from it again whenever the server has drawn it anew.
import { judge, turn } from "./judgement.js";
import { all, announce, isForeign, one } from "./page.js";
import { watch } from "./player.js";

const CLIPS = ".take[data-clip]:not([hidden])";
const clips = () => all(CLIPS);
const lightbox = () => one("#lightbox");
const video = () => one("#lightbox-video");
let shown = ""; // the id of its tile
let warm = [];

export const isOpen = () => Boolean(lightbox()?.open);
const tile = () => document.getElementById(shown);
const named = (clip) => one("img", clip)?.alt ?? one(".no-picture", clip)?.textContent ?? "";

export function open(from) {
  if (!from || !lightbox()) return;
  if (!video().dataset.watched) watch(video(), { transport: one("#lightbox-transport"), strip: one("#lightbox-strip"), isAwake: isOpen });
  for (const beside of all("body > :is(header, main, .dock, .skip)")) beside.inert = true;
  lightbox().show();
  show(from);
  one("[data-go='1']").focus({ preventScroll: true });
}

function close() {
  video().pause();
  video().removeAttribute("src");
  warm = [];
  lightbox().close();
  for (const beside of all("body > [inert]")) beside.inert = false;
  const link = tile() && one("a[href]", tile());
  link?.focus({ preventScroll: true });
  tile()?.scrollIntoView({ block: "nearest" });
}

function show(next) {
  const image = one("img", next);
  shown = next.id;
  Object.assign(video(), { poster: image?.src.replace("?size=small", "") ?? "", src: next.dataset.clip });
  video().dataset.fps = next.dataset.fps;
  video().ariaLabel = named(next);
  video().play().catch(() => {}); // a browser that wants a click first shows the poster
  one("#lightbox-strip img").src = new URL("strip", one("a[href]", next).href).pathname;
  one("#lightbox-title").textContent = named(next);
  one("#lightbox-open").href = one("a[href]", next).href;
  reflect();
  prepare(next);
}

/** The tile's state on the lightbox's buttons. */
function reflect() {
  const here = tile();
  if (!here || !isOpen()) return;
  const list = clips();
  one("#lightbox-place").textContent = `${list.indexOf(here) + 1} / ${list.length}`;
  for (const button of all("[data-do]", lightbox())) {
    const { do: what, value } = button.dataset;
    const state = { favourite: here.dataset.favourite === "1", rate: here.dataset.rating === value, pick: here.dataset.pick === value }[what];
    if (what !== "trash") button.ariaPressed = String(Boolean(state));
    if (what === "rate") button.toggleAttribute("data-lit", Number(here.dataset.rating) >= Number(value));
  }
}

/** The neighbours' first bytes and pictures come while this one is watched; more tiles when the end is near. */
function prepare(here) {
  const list = clips();
  const at = list.indexOf(here);
  warm = [list[at + 1], list[at - 1]].filter(Boolean).map((next) => {
    const ahead = document.createElement("video");
    Object.assign(ahead, { preload: "auto", muted: true, src: next.dataset.clip });
    new Image().src = one("img", next)?.src.replace("?size=small", "") ?? "";
    return ahead;
  });
  if (at >= list.length - 4) one(".older .button")?.click();
}

function go(by) {
  const list = clips();
  const next = list[list.indexOf(tile()) + by];
  if (next) show(next);
  else announce(by > 0 ? lightbox().dataset.end : lightbox().dataset.beginning);
}

async function act(what, value) {
  const here = tile();
  if (!here) return;
  if (what !== "trash") return turn(here, what, value);
  const list = clips();
  const next = list[list.indexOf(here) + 1] ?? list[list.indexOf(here) - 1];
  await judge(here, "trash");
  if (!document.getElementById(here.id)?.hidden) return;
  if (next) show(next);
  else close();
}

const DOES = { f: ["favourite"], k: ["pick", "1"], j: ["pick", "-1"], Delete: ["trash"] };
for (const star of "12345") DOES[star] = ["rate", star];

document.addEventListener("keydown", (event) => {
  if (!isOpen() || one("#keys[open]")) return;
  if (event.key === "Escape") close();
  else if (isForeign(event, "input:not([type=checkbox]), textarea, select") || event.target.matches("[role=slider]")) return;
  else if (event.key === "ArrowRight" || event.key === "ArrowDown") go(1);
  else if (event.key === "ArrowLeft" || event.key === "ArrowUp") go(-1);
  else if (event.key === "Enter" && !event.target.matches("button, a")) one("#lightbox-open").click();
  else if (event.key === "x") one(".pick input", tile())?.click();
  else if (event.key === "z") one("[data-undo]")?.click();
  else if (event.key === "?") one("#keys").showModal();
  else if (event.key === "0") judge(tile(), "rate", { rating: 0 });
  else if (DOES[event.key] && one(`[data-do=${DOES[event.key][0]}]`, lightbox())) act(...DOES[event.key]);
  else return;
  event.preventDefault();
});

document.addEventListener("click", ({ target }) => {
  if (!isOpen()) return;
  const button = target.closest?.("#lightbox [data-do], #lightbox [data-go], #lightbox [data-close], [data-keys-sheet]");
  if (!button) return;
  if ("close" in button.dataset) close();
  else if ("keysSheet" in button.dataset) one("#keys").showModal();
  else if (button.dataset.go) go(Number(button.dataset.go));
  else act(button.dataset.do, button.dataset.value);
});

document.addEventListener("htmx:afterSettle", () => { if (isOpen()) (tile() ? reflect : close)(); });
