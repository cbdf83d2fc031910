// A list of shots that is pasted goes to the board by itself, or is offered; one press brings back the text.
import { cards, fillBoard, isOpen, listed, readBoard, writeBoard } from "./board.js";
import { announce, facts, fill, one, setText } from "./page.js";
import { asksForSingle, clean, parsePrompt } from "./shots.js";

let [pasted, before, isFilling] = ["", null, false];
let home = null; // the composer that was filled: another one that took its place holds another text

/** A single shot is as well written as a prompt: there the board is only offered. */
function isList(text) {
  const found = parsePrompt(text, Number(one("#duration").value) || 0);
  return Boolean(found) && (found.shots.length > 1 || !asksForSingle(text));
}

/** Nothing but the pasted text stands on the board. */
const isFree = (field) => !isOpen() || cards().every((card) => !clean(one("textarea", card).value) || card.contains(field));

function fillWith(field) {
  const isShot = !field.matches("#prompt");
  if (isShot && clean(field.value) !== clean(pasted)) return;
  const kept = readBoard();
  const overall = clean(one("#prompt").value);
  if (isShot) {
    one("#prompt").value = overall ? `${overall}\n${field.value}` : field.value;
    field.value = "";
  }
  put(kept);
}

function put(kept) {
  isFilling = true;
  const said = fillBoard();
  isFilling = false;
  remember(kept, said);
}

function remember(kept, said) {
  [before, home] = [kept, one("#composer")];
  one("[data-filled]").hidden = !kept;
  setText("[data-filled] span", said);
}

function undo() {
  const kept = before;
  remember(null, "");
  writeBoard(kept);
  announce(facts().words.unfilled);
}

/** Says when prompt or shot hold a list of shots that could be on the board. */
export function offer() {
  const note = one("[data-offer]", one("#composer-notes"));
  const { found, card } = listed();
  const { words } = facts();
  const count = found?.shots.length ?? 0;
  const sentence = card ? words.offerIn : count === 1 ? words.offerOne : words.offer;
  const said = count ? fill(sentence, { count, number: cards().indexOf(card) + 1 }) : "";
  if (said && note.hidden) announce(said);
  note.hidden = !said;
  one("span", note).textContent = said;
}

document.addEventListener("paste", ({ clipboardData }) => (pasted = clipboardData?.getData("text/plain") ?? ""));
document.addEventListener("drop", ({ dataTransfer }) => (pasted = dataTransfer?.getData("text/plain") ?? ""));
document.addEventListener("input", ({ target, inputType }) => {
  if (isFilling || !target.closest?.("#composer") || target.id === "composer") return; // the form itself: only what is promised changed
  if (before) remember(null, "");
  const isText = ["insertFromPaste", "insertFromDrop"].includes(inputType) && target.matches("#prompt, #shots textarea");
  if (isText && isList(pasted) && isFree(target)) fillWith(target);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-undo-fill], [data-fill-board]");
  if (!button) return;
  event.preventDefault();
  if (button.matches("[data-undo-fill]")) undo();
  else put(readBoard());
});
document.addEventListener("keydown", (event) => {
  const isUndo = event.key?.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (!isUndo || !before || home !== one("#composer") || !event.target.closest?.("#composer")) return;
  event.preventDefault(); // a browser undoes only what was typed in one field
  undo();
});
