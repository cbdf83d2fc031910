// The grid: pages that come while scrolling, and the place in it that is still there after looking at a clip.
import { all, LEFT, one } from "./page.js";

// Coming back finds the same takes, the same scroll position and the same selection. The browser's own memory of pages
// does that when it has the page; this is for when it has not.
const key = () => `wanstudio.place ${one("#results")?.dataset.view}`;

function keepPlace() {
  if (!one("#results")) return;
  const picked = all(".pick input:checked").map((box) => box.value);
  sessionStorage.setItem(key(), JSON.stringify({ top: scrollY, takes: all("#results .take").length, picked }));
}

async function findPlace(left = "") {
  const kept = JSON.parse(sessionStorage.getItem(key()) ?? "null");
  if (!kept) return;
  for (let link; all("#results .take").length < kept.takes && (link = one("#older [rel=next]")); ) {
    // The promise of a request is kept before what it brought is on the page.
    const settled = new Promise((done) => document.addEventListener("htmx:afterSettle", done, { once: true }));
    await htmx.ajax("GET", link.getAttribute("href"), { source: link, target: "#older", swap: "outerHTML" });
    await settled;
  }
  // By a click, so that whoever keeps count of the selection hears of it.
  for (const box of all(".pick input:not(:checked)")) if (kept.picked.includes(box.value)) box.click();
  scrollTo({ top: kept.top, behavior: "instant" });
  document.getElementById(`take-${left}`)?.scrollIntoView({ block: "nearest", behavior: "instant" });
}

addEventListener("pagehide", keepPlace);
document.addEventListener("htmx:beforeHistorySave", keepPlace);
document.addEventListener("htmx:historyRestore", () => findPlace());
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") findPlace();
else if (sessionStorage.getItem(LEFT)) findPlace(sessionStorage.getItem(LEFT));
sessionStorage.removeItem(LEFT);

// A clip's page leads back to this view, and on to the next clip in its order.
function lead({ target }) {
  const link = target.closest?.("#results .take a[href*='/generations/'], #lightbox-open");
  const view = one("#results")?.dataset.view;
  if (link && view && !link.search) link.search = new URLSearchParams({ in: view }).toString();
}
for (const name of ["pointerdown", "click"]) document.addEventListener(name, lead, { capture: true });

// A usual part of a range fills in its two fields; pressed again it empties them.
document.addEventListener("click", (event) => {
  const part = event.target.closest?.("#facets a[data-low]");
  if (!part || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const ends = part.hasAttribute("aria-current") ? ["", ""] : [part.dataset.low, part.dataset.high];
  const fields = all("input", part.closest("fieldset"));
  for (const [place, field] of fields.entries()) field.value = ends[place];
  fields[0].dispatchEvent(new Event("change", { bubbles: true }));
});

// Counts are asked for with what is typed to find people and tags by.
const finds = () => all("#facets [name^=find_]");
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.id !== "counts") return;
  for (const { name, value } of finds()) detail.parameters[name] = value;
});

// Counts of a view that is no longer on screen would put its choices back. What was typed since they were asked for would
// be gone: they are asked for again.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "facets") return;
  const { elt, parameters } = detail.requestConfig;
  const isStale = elt !== one("#counts") || one("#find.htmx-request");
  const isTyped = finds().some(({ name, value }) => value !== (parameters[name] ?? ""));
  if (isStale || isTyped) detail.shouldSwap = false;
  if (isTyped && !isStale) htmx.trigger(elt, "again");
});

// A page that can't be loaded says so at its link; a press tries again.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) return;
  detail.target?.closest?.(".older")?.classList.add("failed");
  holdBack();
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => detail.target?.closest?.(".older")?.classList.remove("failed"));

// "All that match" of the selection means what is on screen now; what was picked of another view is let go.
document.addEventListener("htmx:afterSettle", () => {
  const [field, every, seen] = [one("#selection [name=view]"), one("#match-all input"), one("#results")?.dataset.view];
  if (!every || !seen || field.value === seen) return;
  field.value = seen;
  every.checked = false;
  delete every.dataset.counted;
  one("[data-matches]").textContent = "";
});

// The last row of a page is seen once it is whole: it grows when the tiles of the next page fill it up.
function holdBack() {
  for (const tile of all("#wall > .held")) tile.classList.remove("held");
  if (!one("#wall > .older:not(.failed) [rel=next]")) return; // scenes stand each for itself
  const tiles = all("#wall > :is(.take, .kept)");
  const last = tiles.at(-1)?.offsetTop;
  if (document.activeElement?.closest("#wall > :is(.take, .kept)")?.offsetTop === last) return; // what is hidden loses the keyboard
  for (let at = tiles.length; at-- && tiles[at].offsetTop === last; ) tiles[at].classList.add("held");
}
document.addEventListener("htmx:oobAfterSwap", holdBack);
document.addEventListener("change", ({ target }) => { if (target.name === "rows") holdBack(); });
addEventListener("resize", holdBack);
holdBack();

// What has sunk in the order since, by its stars, comes once more with a later page: it stays where somebody saw it.
document.addEventListener("htmx:afterSwap", () => {
  const seen = new Set();
  for (const tile of all("#wall > .take")) {
    if (seen.has(tile.id)) tile.remove();
    seen.add(tile.id);
  }
});

// What was put further back in a collection since comes once more with its page: only there it is still true.
document.addEventListener("htmx:afterSwap", () => {
  const seen = new Map();
  for (const figure of all("#wall > .kept")) {
    const { id } = one(".take", figure);
    const before = seen.get(id);
    const label = before?.contains(document.activeElement) ? document.activeElement.ariaLabel : null;
    before?.remove();
    if (label) one(`[aria-label="${CSS.escape(label)}"]`, figure)?.focus({ preventScroll: true });
    seen.set(id, figure);
  }
  holdBack();
});

// What came later may be unfinished, too.
document.addEventListener("htmx:afterSettle", () => {
  if (one(".take[data-live]")) one("#poller")?.setAttribute("data-polling", "");
});
