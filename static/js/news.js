// What came into the view since it was drawn: put on top when somebody is there, else offered above the grid, so that
// nothing moves under anybody's eyes.
import { all, announce, fill, one } from "./page.js";

const TOP = 120; // pixels that still count as the top of the page
let waiting = new Map(); // newest first: tiles by their ids, with the section of their scene where the view has scenes
let view = null;

const isThere = ({ id }) => Boolean(document.getElementById(id));
const isAtTop = () => scrollY < TOP && !one("dialog[open], [popover]:popover-open");

function collect() {
  const tiles = all("#news template").flatMap((template) => all(".take", template.content));
  const earlier = view === one("#results") ? waiting : [];
  view = one("#results");
  waiting = new Map(tiles.map((tile) => [tile.id, { tile, section: tile.closest(".scene") }]));
  for (const [id, kept] of earlier) if (!waiting.has(id)) waiting.set(id, kept);
  for (const template of all("#news template")) template.remove();
  for (const [id, { tile }] of waiting) if (isThere(tile)) waiting.delete(id);
  if (waiting.size && isAtTop() && "onTop" in one("#news").dataset) insert();
  else offer();
}

/** Oldest first, each on top of what is there. A scene that is not on the page comes whole. */
function insert() {
  for (const { tile, section } of [...waiting.values()].reverse()) {
    if (isThere(tile)) continue;
    const list = section ? document.getElementById(one(".takes", section).id) : one("#wall");
    const added = list ? tile : section;
    (list ?? one("#scenes")).prepend(added);
    htmx.process(added);
    const about = section && one("[id^=about-]", section);
    if (list && about) document.getElementById(about.id).replaceWith(about);
  }
  waiting.clear();
  offer();
  if (one(".take[data-live]")) one("#poller").setAttribute("data-polling", "");
}

function offer() {
  const link = one("#fresh");
  const { one: single, many } = link.dataset;
  const words = waiting.size === 1 ? single : fill(many, { count: waiting.size });
  if (waiting.size && link.textContent !== words) announce(words);
  link.hidden = !waiting.size;
  one("span", link).textContent = words;
}

document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const [shown, fresh] = [one("#news"), one("#news", detail.fragment)];
  if (detail.target.id === "news" && fresh?.dataset.view !== shown.dataset.view) detail.shouldSwap = false; // of another view
});
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => { if (detail.target.id === "news") collect(); });
document.addEventListener("htmx:afterSettle", () => { if (one("#fresh") && waiting.size) collect(); });

// A fresh page knows the place of each; on top of what is there only the newest have theirs.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#fresh");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!("onTop" in one("#news").dataset)) return;
  event.preventDefault();
  insert();
  scrollTo({ top: 0 });
});
