// Judging and keeping in the grid: keys, selection, the bulk bar. Without it the same is done by forms and links.
import { all, announce, isForeign, one } from "./page.js";
import { judge, STARS, turn } from "./judgement.js";
import { isOpen, open as openLightbox } from "./lightbox.js";

document.documentElement.classList.add("scripted");
const TILES = ".take[data-take]:not([hidden])";
const tiles = () => all(TILES);
const box = (tile) => one(".pick input", tile);
const selected = () => all(".pick input:checked");

/** Where the keyboard is: the tile that has focus. */
export const current = () => document.activeElement?.closest?.(TILES);

function focus(tile) {
  if (!tile) return;
  one("a[href]", tile).focus({ preventScroll: true });
  tile.scrollIntoView({ block: "nearest" });
}

/** The nearest tile of the row above or below. */
function across(from, down) {
  const here = from.getBoundingClientRect();
  const middle = here.left + here.width / 2;
  const rows = tiles().map((tile) => ({ tile, rect: tile.getBoundingClientRect() }))
    .filter(({ rect }) => (down ? rect.top >= here.bottom - 2 : rect.bottom <= here.top + 2));
  const edge = down ? Math.min(...rows.map(({ rect }) => rect.top)) : Math.max(...rows.map(({ rect }) => rect.top));
  const row = rows.filter(({ rect }) => Math.abs(rect.top - edge) < 2);
  return row.sort((a, b) => Math.abs(a.rect.left + a.rect.width / 2 - middle) - Math.abs(b.rect.left + b.rect.width / 2 - middle))[0]?.tile;
}

function move(key) {
  const [list, from] = [tiles(), current()];
  if (!from) return focus(list.find((tile) => tile.getBoundingClientRect().top >= 0) ?? list[0]);
  const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
  focus(by ? list[list.indexOf(from) + by] : across(from, key === "ArrowDown"));
}

async function trash(tile) {
  const list = tiles();
  const next = list[list.indexOf(tile) + 1] ?? list[list.indexOf(tile) - 1];
  await judge(tile, "trash");
  if (document.getElementById(tile.id)?.hidden) focus(next);
}

const ON_TILE = {
  f: (tile) => turn(tile, "favourite"),
  k: (tile) => turn(tile, "pick", 1),
  j: (tile) => turn(tile, "pick", -1),
  x: (tile) => box(tile)?.click(),
  " ": openLightbox,
  Delete: trash,
};
for (const star of STARS) ON_TILE[star] = (tile) => judge(tile, "rate", { rating: star });
const CLIPS_ONLY = new Set(["f", "k", "j", " ", ...STARS]);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || isOpen() || isForeign(event) || one("dialog[open]") || one("[popover]:popover-open")) return;
  const arrow = event.key.startsWith("Arrow");
  const tile = current();
  if (arrow && (tile || event.target === document.body) && !event.shiftKey) move(event.key);
  else if (event.key === "z") one("[data-undo]")?.click();
  else if (event.key === "c" && selected().length >= 2) one("[data-compare]").click();
  else if (event.key === "?") one("#keys")?.showModal();
  else if (event.key === "Escape" && selected().length) clear();
  else if (tile && ON_TILE[event.key] && (tile.dataset.clip || !CLIPS_ONLY.has(event.key))) {
    if (event.key === " " && event.target.matches("button, input, [role=slider]")) return;
    ON_TILE[event.key](tile);
  } else return;
  event.preventDefault();
});

// Selection: shift takes everything between, the bar says how many, and "all that match" is counted when it is offered.
// A tile that is drawn anew stays selected.
let last = null;
const chosen = new Set();

document.addEventListener("click", (event) => {
  const picked = event.target.closest?.(".pick input");
  if (picked) {
    const boxes = all(".pick input");
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(picked)].sort((a, b) => a - b);
    if (event.shiftKey && last?.isConnected && from >= 0) for (const between of boxes.slice(from, to + 1)) between.checked = picked.checked;
    last = picked;
    remember();
  }
  if (event.target.closest?.("[data-watch]")) openLightbox(event.target.closest(TILES));
  if (event.target.closest?.("[data-menu]")) openMenu(event);
  if (event.target.closest?.("[data-leave]")) leave(event);
});

function remember() {
  for (const { checked, value } of all(".pick input")) chosen[checked ? "add" : "delete"](value);
  show();
}

function restore() {
  for (const picked of all(".pick input")) picked.checked = chosen.has(picked.value);
  show();
}

function show() {
  const bar = one("#selection");
  if (!bar) return;
  const many = selected().length;
  bar.toggleAttribute("data-count", many > 0);
  document.documentElement.classList.toggle("picking", many > 0); // asked by :has, each hover would look through all tiles
  one("output", bar).dataset.count = many;
  if (many) count();
}

function clear() {
  chosen.clear();
  const every = one("#match-all input");
  if (every) every.checked = false;
  restore();
}

async function count() {
  const every = one("#match-all input");
  if (!every || every.dataset.counted) return;
  every.dataset.counted = "1";
  const query = new URLSearchParams({ view: one("#selection [name=view]").value });
  const answer = await fetch(`${every.dataset.count}?${query}`).catch(() => null);
  if (answer?.ok) one("[data-matches]").textContent = await answer.text();
}

const OF_SELECTION = ["take", "view", "all", "here", "csrfmiddlewaretoken"]; // posted; a token never stands in an address
const COMPARED = 3; // by address; the third says that there were more than two

/** Buttons that lead to a page or a file: a plain request with what is selected, past htmx. */
function leave(event) {
  event.preventDefault();
  const button = event.target.closest("[data-leave]");
  const isCompared = "compare" in button.dataset;
  const form = document.createElement("form");
  Object.assign(form, { action: button.formAction, method: isCompared ? "get" : "post", hidden: true });
  const values = [...new FormData(one("#selection"))];
  const sent = isCompared ? values.filter(([name]) => name === "take").slice(0, COMPARED) : values.filter(([name]) => OF_SELECTION.includes(name));
  for (const [name, value] of sent) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  const view = one("#results")?.dataset.view;
  if (view && isCompared) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "in", value: view }));
  document.body.append(form);
  form.submit();
  form.remove();
}

/** Tags, collections and scenes are looked up when somebody wants them. */
async function openMenu(event) {
  const menu = one("#bulk-menu");
  event.preventDefault();
  const query = new URLSearchParams({ here: one("#selection [name=here]").value });
  await htmx.ajax("GET", `${event.target.closest("[data-menu]").dataset.menu}?${query}`, { target: menu, swap: "innerHTML" });
  menu.showPopover({ source: event.target.closest("[data-menu]") });
  one("input", menu)?.focus();
}

// Enter in a field of the menu means the button beside it; the browser would press the first one of the bar.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches?.(".bulk-choices input")) return;
  event.preventDefault();
  one("button", event.target.parentElement)?.click();
});

document.addEventListener("reset", ({ target }) => { if (target.id === "selection") setTimeout(clear); });
for (const name of ["htmx:afterSettle", "htmx:oobAfterSwap"]) document.addEventListener(name, restore);
addEventListener("pageshow", remember); // what the browser has kept

// A whole view is sent without the ids of what happens to be loaded of it.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.id === "selection" && one("#match-all input")?.checked) detail.parameters.delete?.("take");
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.id !== "selection" || !detail.successful) return;
  const isLost = document.activeElement.matches("body, .dock *");
  for (const menu of all("#bulk-menu, #bulk-rate, #bulk-purge")) menu.hidePopover();
  clear();
  if (isLost) goOn();
});

// What was pressed goes away with the bar: the keyboard goes on at the first take that was selected, or at what is in its place.
let [first, place] = ["", -1];
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.id !== "selection") return;
  const tile = selected()[0]?.closest(TILES);
  [first, place] = [tile?.id, tiles().indexOf(tile)];
});

function goOn() {
  const list = tiles();
  const tile = list.find(({ id }) => id === first) ?? list[Math.min(place, list.length - 1)];
  if (tile) one("a[href]", tile).focus({ preventScroll: true }); // the page stays where somebody reads
}
