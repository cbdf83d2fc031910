// Keys of the composer, and what is expected of a press: asked for when the settings change, and now and then by the poll
// of the page, since others press as well.
import { writeIn } from "./board.js";
import { isForeign, one } from "./page.js";
import { asked } from "./proof.js";

const PRESSES = { "/": () => writeIn(one("#prompt")), b: () => one(one("#board").disabled ? "[data-open-board][data-closed]" : "[data-close-board]"), w: () => one("[data-open-words]") };
const PAUSE = 400;
const RESTS = 12_000;
let [promised, timer] = [null, 0];
let told = performance.now(); // when it was asked for

document.addEventListener("keydown", (event) => {
  if (isForeign(event)) return;
  if (one("dialog[open]") || !one("#composer")) return;
  if (PRESSES[event.key]) {
    event.preventDefault();
    PRESSES[event.key]()?.click();
  }
});
document.addEventListener("click", ({ target }) => {
  if (!target.closest?.("[data-opens-keys]")) return;
  one("#more").hidePopover();
  one("#keys").showModal();
});

/** What one press would render, as the server is asked about it. */
function settings() {
  const { resolution, duration, takes } = asked();
  return { resolution, duration, takes };
}

/** Asks the server when the takes would be there, once nobody types any more. */
export function askPromise({ again = false } = {}) {
  const query = new URLSearchParams({ project: one("#composer [name=project]").value, ...settings() }).toString();
  if (promised === null && one("#promise").textContent.trim()) promised = query; // the page came with it
  if (query === promised && !again) return;
  promised = query;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    told = performance.now();
    const answer = await fetch(`${one("#promise").dataset.url}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    const said = answer?.ok ? await answer.text() : "";
    if (query !== promised || !one("#promise")) return;
    if (said) one("#promise").innerHTML = said;
    else one("#promise").replaceChildren(one("#promise [name=quoted]")); // which is what the button says still
    one("#composer").dispatchEvent(new Event("input", { bubbles: true })); // what is left may have changed
  }, PAUSE);
}

document.addEventListener("poll", ({ detail: query }) => {
  if (!one("#composer") || document.visibilityState !== "visible" || performance.now() - told < RESTS) return;
  told = performance.now();
  for (const [name, value] of Object.entries(settings())) query.set(name, value);
  query.set("promised", one("#promised")?.value ?? "");
});
// What has changed on the page may have changed that, too: the next poll asks for it.
document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
  if (detail.elt.id === "announce" && detail.xhr.status === 200 && !/[?&]promised=/.test(detail.pathInfo.requestPath)) told = -RESTS;
});
// Of settings that were changed while it was on its way it is no answer.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (detail.target?.id === "promise" && detail.fragment.dataset?.asked !== Object.values(settings()).join(" ")) detail.shouldSwap = false;
});
