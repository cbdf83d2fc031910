// Keys of the composer, and what is expected of a press, asked for when the settings change.
import { writeIn } from "./board.js";
import { isForeign, one } from "./page.js";
import { asked } from "./proof.js";

const PRESSES = { "/": () => writeIn(one("#prompt")), b: () => one(one("#board").disabled ? "[data-open-board][data-closed]" : "[data-close-board]"), w: () => one("[data-open-words]") };
const PAUSE = 400;
let [promised, timer] = [null, 0];

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

/** Asks the server when the takes would be there, once nobody types any more. */
export function askPromise({ again = false } = {}) {
  const { resolution, duration, takes } = asked();
  const query = new URLSearchParams({ project: one("#composer [name=project]").value, resolution, duration, takes }).toString();
  if (promised === null && one("#promise").textContent.trim()) promised = query; // the page came with it
  if (query === promised && !again) return;
  promised = query;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const answer = await fetch(`${one("#promise").dataset.url}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    const said = answer?.ok ? await answer.text() : "";
    if (query !== promised || !one("#promise")) return;
    one("#promise").innerHTML = said;
    one("#composer").dispatchEvent(new Event("input", { bubbles: true })); // what is left may have changed
  }, PAUSE);
}
