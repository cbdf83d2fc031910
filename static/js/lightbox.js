// One clip large above the grid, in the grid's order: watch, judge, next. The tile below stays the truth; what is
// shown here is read from it again whenever the server has drawn it anew.
import { judge, STARS, turn } from "./judgement.js";
import { all, announce, isForeign, one } from "./page.js";
import { watch } from "./player.js";

const CLIPS = ".take[data-clip]:not([hidden])";
const AHEAD = 4; // clips before the end of what is here
const clips = () => all(CLIPS);
const lightbox = () => one("#lightbox");
const video = () => one("#lightbox-video");
let shown = ""; // the id of its tile
let gone = ""; // of the one that was moved to the trash last
let warm = [];
const unfolding = new WeakMap(); // by the link to a scene's earlier takes

export const isOpen = () => Boolean(lightbox()?.open);
const tile = () => document.getElementById(shown);
const named = (clip) => one("img", clip)?.alt ?? one(".no-picture", clip)?.textContent ?? "";

export function open(from) {
  if (!from || !lightbox()) return;
  if (!video().dataset.watched) watch(video(), { transport: one("#lightbox-transport"), strip: one("#lightbox-strip"), isAwake: isOpen });
  for (const beside of all("body > :is(header, main, .dock, .skip)")) beside.inert = true;
  lightbox().show();
  show(from);
  lightbox().focus({ preventScroll: true }); // not a button: Space and Enter are for the clip
}

function close() {
  video().pause();
  video().removeAttribute("src");
  [warm, gone] = [[], ""];
  lightbox().close();
  for (const beside of all("body > [inert]")) beside.inert = false;
  tile()?.closest(".held")?.classList.remove("held");
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

/** Its place among all clips of the view, as far as that is known: earlier takes of the scenes above, or further pages,
 * may not be here yet; the tab knows how many there are. */
function place(here) {
  const folded = all(".more-takes");
  if (folded.some((link) => link.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING)) return "";
  const list = clips();
  const isWhole = !folded.length && !one(".older .button");
  const tab = one("#show-all[aria-current]") ? "#show-clips" : "#shows [aria-current]";
  const many = isWhole ? list.length : one(`${tab} .count`)?.textContent;
  return [list.indexOf(here) + 1, many].filter(Boolean).join(" / ");
}

/** The tile's state on the lightbox's buttons. */
function reflect() {
  const here = tile();
  if (!here || !isOpen()) return;
  one("#lightbox-place").textContent = place(here);
  for (const button of all("[data-do]", lightbox())) {
    const { do: what, value } = button.dataset;
    const state = { select: one(".pick input", here)?.checked, favourite: here.dataset.favourite === "1", rate: here.dataset.rating === value, pick: here.dataset.pick === value }[what];
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
  if (at >= list.length - AHEAD) one(".older .button")?.click();
  unfold(here);
}

/** A page of scenes has the newest takes of each; the earlier ones come before the last of them is left. */
function unfold(here) {
  const section = here.closest(".scene");
  const link = section && one(".more-takes a", section);
  if (!link || all(CLIPS, section).indexOf(here) < all(CLIPS, section).length - AHEAD) return null;
  if (!unfolding.has(link)) unfolding.set(link, bring(section, link).finally(() => unfolding.delete(link)));
  return unfolding.get(link);
}

async function bring(section, link) {
  const answer = await fetch(link.href).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = all("#results .take", page).filter(({ id }) => !document.getElementById(id));
  one(".takes", section).append(...fresh);
  for (const take of fresh) htmx.process(take);
  const further = one("#older [rel=next]", page)?.getAttribute("href");
  if (further) link.href = further;
  else if (one("#results", page)) link.parentElement.remove(); // not where one has to sign in again first
}

async function go(by) {
  if (by > 0 && tile()) await unfold(tile());
  if (!isOpen()) return; // closed since
  const list = clips();
  const next = list[list.indexOf(tile()) + by];
  if (next) show(next);
  else announce(by > 0 ? lightbox().dataset.end : lightbox().dataset.beginning);
}

async function act(what, value) {
  const here = tile();
  if (!here) return;
  if (what === "select") {
    one(".pick input", here)?.click();
    return reflect();
  }
  if (what !== "trash") return turn(here, what, value);
  const list = clips();
  const next = list[list.indexOf(here) + 1] ?? list[list.indexOf(here) - 1];
  await judge(here, "trash");
  if (!isOpen() || !document.getElementById(here.id)?.hidden) return;
  if (!next) return close();
  gone = here.id;
  show(next);
}

/** What the server has drawn anew: an undo brings back what was moved to the trash, and the look at it. */
function redraw() {
  const back = gone && document.getElementById(gone);
  if (back && !back.hidden) {
    gone = "";
    show(back);
  } else (tile() ? reflect : close)();
}

const DOES = { x: ["select"], f: ["favourite"], k: ["pick", "1"], j: ["pick", "-1"], Delete: ["trash"] };

document.addEventListener("keydown", (event) => {
  if (!isOpen() || one("#keys[open]")) return;
  if (event.key === "Escape") close();
  else if (isForeign(event, "input:not([type=checkbox]), textarea, select") || event.target.matches("[role=slider]")) return;
  else if (event.key === "ArrowRight" || event.key === "ArrowDown") go(1);
  else if (event.key === "ArrowLeft" || event.key === "ArrowUp") go(-1);
  else if (event.key === "Enter" && !event.target.matches("button, a")) one("#lightbox-open").click();
  else if (event.key === "z") one("[data-undo]")?.click();
  else if (event.key === "?") one("#keys").showModal();
  else if (STARS.has(event.key) && one("[data-do=rate]", lightbox())) judge(tile(), "rate", { rating: event.key });
  else if (DOES[event.key] && one(`[data-do=${DOES[event.key][0]}]`, lightbox())) act(...DOES[event.key]);
  else return;
  event.preventDefault();
});

document.addEventListener("click", ({ target, detail }) => {
  if (!isOpen()) return;
  const button = target.closest?.("#lightbox [data-do], #lightbox [data-go], #lightbox [data-close], [data-keys-sheet]");
  if (!button) return;
  if ("close" in button.dataset) close();
  else if ("keysSheet" in button.dataset) one("#keys").showModal();
  else if (button.dataset.go) go(Number(button.dataset.go));
  else act(button.dataset.do, button.dataset.value);
  if (detail && isOpen() && !("keysSheet" in button.dataset)) lightbox().focus({ preventScroll: true }); // the mouse leaves the keys to the clip
});

document.addEventListener("htmx:afterSettle", () => { if (isOpen()) redraw(); });

// A finger that sweeps over the clip leads to the next one, as it does among pictures everywhere; more than one finger,
// or one that goes up and down, means something else.
const SWEEP = 48; // px
let finger = null;
for (const name of ["pointerdown", "pointerup", "pointercancel"]) document.addEventListener(name, sweep);

function sweep({ type, target, isPrimary, pointerType, clientX, clientY }) {
  const from = finger;
  finger = null;
  if (pointerType !== "touch" || !isPrimary || !isOpen()) return;
  if (type === "pointerdown" && target.matches?.(".lightbox-stage, .lightbox-stage video")) finger = [clientX, clientY];
  if (type !== "pointerup" || !from) return;
  const [across, along] = [clientX - from[0], clientY - from[1]];
  if (Math.abs(across) > SWEEP && Math.abs(across) > 2 * Math.abs(along)) go(across < 0 ? 1 : -1);
}
