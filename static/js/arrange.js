// The order of a collection: a clip is dragged to another place, or goes there step by step by the arrows below it.
import { all, announce, one } from "./page.js";

const wall = () => one("[data-arrange]");
const figures = () => all("[data-arrange] > .kept").filter((figure) => one(".take[data-take]", figure)); // what went is hidden
const beside = (figure, by) => figures()[figures().indexOf(figure) + by];
const take = (figure) => figure && one(".take", figure).dataset.take;

/** The first clip goes no earlier, the last one no later; what is not loaded yet is later than all that is here. */
function bound() {
  const [isFromStart, isWhole, shown] = [wall()?.hasAttribute("data-from-start"), !one("#older"), figures()];
  for (const figure of shown) {
    const isEnd = { "-1": isFromStart && figure === shown[0], 1: isWhole && figure === shown.at(-1) };
    for (const button of all(".arrange button", figure)) button.ariaDisabled = isEnd[button.value] ? "true" : null;
  }
}

function settled() {
  bound();
  announce(wall().dataset.arranged);
}

let dragged = null;
let stood = null; // before what
let rested = ""; // where the mouse was when it moved last
document.addEventListener("dragstart", ({ target, dataTransfer }) => {
  dragged = target.closest?.("[data-arrange] > .kept") ?? null;
  [stood, rested] = [dragged?.nextElementSibling, ""];
  if (dragged) dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-arrange] > .kept");
  if (!dragged || !over) return;
  event.preventDefault();
  const here = `${event.clientX} ${event.clientY}`;
  if (over === dragged || here === rested) return; // told again while the mouse rests, over whatever has moved there
  rested = here;
  const after = event.clientX > over.getBoundingClientRect().left + over.offsetWidth / 2;
  over[after ? "after" : "before"](dragged);
});
document.addEventListener("dragend", () => {
  const put = dragged;
  dragged = null;
  if (!put?.isConnected || put.nextElementSibling === stood) return;
  const [before, behind] = [take(beside(put, -1)), take(beside(put, 1))]; // none at the ends
  const values = { move: take(put), ...(before ? { behind: before } : { before: behind }) };
  htmx.ajax("POST", wall().dataset.arrange, { source: put, swap: "none", values });
  settled();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.(".arrange [aria-disabled=true]")) event.preventDefault();
}, { capture: true });

// A step by the arrows: the clip changes its place here, too, and keeps the button under the finger.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt.closest?.(".arrange form");
  if (!form || !detail.successful) return;
  const figure = form.closest(".kept");
  const button = document.activeElement?.closest(".arrange button");
  const by = Number(one("[name=by]", form).value);
  beside(figure, by)?.[by < 0 ? "before" : "after"](figure);
  button?.focus({ preventScroll: true });
  figure.scrollIntoView({ block: "nearest" });
  settled();
});
for (const name of ["htmx:afterSettle", "htmx:oobAfterSwap"]) document.addEventListener(name, bound);
