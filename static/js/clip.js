// The page of one take. Without it the video has its native controls and everything else is links and forms.
import { offer } from "./copy.js";
import { isForeign, LEFT, one } from "./page.js";
import { watch } from "./player.js";

const stage = () => document.getElementById("stage");

function settle() {
  offer();
  const video = document.getElementById("video");
  if (video && !video.dataset.watched) watch(video);
}

// The arrow back leads to the place in the grid that was left, at the clip that was looked at last.
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("#way-back")) sessionStorage.setItem(LEFT, location.pathname.split("/")[2]);
});

document.addEventListener("keydown", (event) => {
  if (one("dialog[open]")) return;
  if (event.key === "?" && !isForeign(event)) one("#keys").showModal();
  if (event.repeat || isForeign(event, "input, textarea, select, button, a, summary, [role=slider]")) return;
  stage()?.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
});

/** The poll or an action has brought a new card: when the take has moved on, the rest of the page follows. */
function follow() {
  const card = document.querySelector(".player.waiting .take");
  const state = card && (card.dataset.state ?? "ready");
  if (!card || state === card.parentElement.dataset.state) return;
  card.parentElement.dataset.state = state;
  htmx.ajax("GET", location.href, { target: "#stage", select: "#stage", swap: "outerHTML" });
}

document.addEventListener("htmx:oobAfterSwap", follow);
document.addEventListener("htmx:afterSwap", follow);
document.addEventListener("htmx:afterSettle", settle);
settle();
