// A shot that was removed can be brought back, the card itself, as long as its note stands there.
import { cards, changed, isOpen, renumber } from "./board.js";
import { announce, facts, fill, one, setText } from "./page.js";
import { clean } from "./shots.js";

let [gone, before, isLast] = [null, null, false]; // the card, what it stood before, whether nothing was done since
let home = null; // the composer it was removed from: another one that took its place holds another text

const write = (card) => one("textarea", card).focus();

function offer(card, said) {
  [gone, before, isLast, home] = [card, card?.nextElementSibling, true, one("#composer")];
  const note = one("[data-removed]");
  note.hidden = !card;
  setText("span", said, note);
}

const isGone = () => Boolean(gone) && home === one("#composer");

function remove(card) {
  const next = card.nextElementSibling.matches("[data-shot]") ? card.nextElementSibling : card.previousElementSibling;
  const said = fill(facts().words.removed, { number: cards().indexOf(card) + 1, count: cards().length - 1 });
  const isWritten = Boolean(clean(one("textarea", card).value));
  if (isWritten) offer(card, said);
  card.remove();
  renumber();
  changed();
  isLast = isWritten;
  if (next) write(next);
  else one("[data-add-shot]").focus();
  announce(said);
}

function bringBack() {
  const card = gone;
  (before.isConnected ? before : one("[data-add-shot]")).before(card);
  offer(null, "");
  renumber();
  changed();
  write(card);
  announce(fill(facts().words.back, { number: cards().indexOf(card) + 1, count: cards().length }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-shot-tool=remove], [data-undo-remove]");
  if (!button) return;
  event.preventDefault();
  if (button.matches("[data-undo-remove]")) bringBack();
  else remove(button.closest("[data-shot]"));
});
document.addEventListener("input", ({ target }) => {
  if (!isGone() || !target.closest?.("#composer") || target.id === "composer") return;
  isLast = false;
  if (!isOpen()) offer(null, "");
});
document.addEventListener("keydown", (event) => {
  const isUndo = event.key?.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (!isUndo || !isGone() || !isLast || !event.target.closest?.("#composer")) return;
  event.preventDefault(); // a browser undoes only what was typed in one field
  bringBack();
});
