// The shot board in hand: an edge is dragged to another length, a card to another place.
import { cards, hint, move, resize, sayMoved } from "./board.js";
import { follow, one } from "./page.js";

document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest?.("[data-shot]:not([data-locked])");
  if (!card || event.button) return;
  if (event.target.closest("[data-handle]")) dragEdge(event, card);
  else if (event.target.closest("[data-grip]") && !event.target.closest("input, label, button")) dragCard(event, card);
});

function dragEdge(event, card) {
  event.preventDefault();
  one("[data-handle]", card).focus();
  const { left } = card.getBoundingClientRect();
  const second = one("#shots").clientWidth / Number(one("#timeline").style.getPropertyValue("--scale"));
  let isTold = false;
  follow((moved) => {
    if (resize(card, Math.round((moved.clientX - left) / second)) || isTold) return;
    isTold = true;
    hint("full");
  });
}

function dragCard(event, card) {
  event.preventDefault();
  const from = cards().indexOf(card);
  card.classList.add("dragged");
  one("textarea", card).focus({ preventScroll: true });
  follow(({ clientX, clientY }) => {
    const list = cards();
    const at = list.indexOf(card);
    const stacked = list[1] && list[0].offsetTop !== list[1].offsetTop;
    const isPast = (other, step) => {
      const box = other.getBoundingClientRect();
      const [pointer, middle] = stacked ? [clientY, box.top + box.height / 2] : [clientX, box.left + box.width / 2];
      return step > 0 ? pointer > middle : pointer < middle;
    };
    for (const step of [-1, 1]) if (list[at + step] && isPast(list[at + step], step)) return move(card, step, { quiet: true });
    return false;
  }, () => {
    card.classList.remove("dragged");
    sayMoved(card, from);
  });
}
