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

// Counts of a view that is no longer on screen would put its choices back.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const isStale = detail.requestConfig.elt !== one("#counts") || one("#find.htmx-request");
  if (detail.target.id === "facets" && isStale) detail.shouldSwap = false;
});

// A page that can't be loaded says so at its link; a press tries again.
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => detail.target?.closest?.(".older")?.classList.add("failed"));
}
document.addEventListener("htmx:beforeRequest", ({ detail }) => detail.target?.closest?.(".older")?.classList.remove("failed"));

// "All that match" of the selection means what is on screen now; what was picked of another view is let go.
document.addEventListener("htmx:afterSettle", () => {
  const [field, seen] = [one("#selection [name=view]"), one("#results")?.dataset.view];
  if (!field || !seen || field.value === seen) return;
  field.value = seen;
  const every = one("#match-all input");
  if (!every) return;
  every.checked = false;
  delete every.dataset.counted;
  one("[data-matches]").textContent = "";
});

// What came later may be unfinished, too.
document.addEventListener("htmx:afterSettle", () => {
  if (one(".take[data-live]")) one("#poller")?.setAttribute("data-polling", "");
});
