// A list of shots that is pasted goes to the board by itself; one press brings back the text.
import { cards, fillBoard, isOpen, readBoard, writeBoard } from "./board.js";
import { announce, facts, one, setText } from "./page.js";
import { asksForSingle, clean, parsePrompt } from "./shots.js";

let [pasted, before, isFilling] = ["", null, false];

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
  isFilling = true;
  const said = fillBoard();
  isFilling = false;
  remember(kept, said);
}

function remember(kept, said) {
  before = kept;
  one("[data-filled]").hidden = !kept;
  setText("[data-filled] span", said);
}

function undo() {
  const kept = before;
  remember(null, "");
  writeBoard(kept);
  announce(facts().words.unfilled);
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
  if (!event.target.closest?.("[data-undo-fill]")) return;
  event.preventDefault();
  undo();
});
document.addEventListener("keydown", (event) => {
  const isUndo = event.key?.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (!isUndo || !before || !event.target.closest?.("#composer")) return;
  event.preventDefault(); // a browser undoes only what was typed in one field
  undo();
});
