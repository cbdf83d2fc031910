// What is typed while a press is on its way stays, though the answer to it draws the composer anew.
import { readBoard, writeBoard } from "./board.js";
import { all, one } from "./page.js";

let sent = new Map(); // values by name as they were sent
let typed = null;

const isOurs = ({ detail }) => detail.elt.id === "composer";
const fields = () => all("textarea[name], input[name]:not([type=hidden], [type=file]), select[name]", one("#composer"));
const draft = () => one("#composer [name=draft]").value;
const valueName = (field) => (field.type === "checkbox" ? "checked" : "value");
const valueOf = (field) => field[valueName(field)];

document.addEventListener("htmx:beforeSend", (event) => {
  if (isOurs(event)) [sent, typed] = [new Map(fields().map((field) => [field.name, valueOf(field)])), null];
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isOurs(event) || !event.detail.xhr.getResponseHeader("HX-Retarget")) return;
  const values = fields().filter((field) => sent.get(field.name) !== valueOf(field)).map((field) => [field.name, valueOf(field)]);
  const { name, selectionStart, selectionEnd } = document.activeElement;
  if (values.length) typed = { values, draft: draft(), board: readBoard(), name, caret: [selectionStart, selectionEnd] };
});

/** In the composer of the answer, unless it holds another text, with the focus where it was; answers whether it did. */
export function putBack() {
  if (typed?.draft !== draft()) typed = null;
  if (!typed) return false;
  const { values, board, name, caret } = typed;
  typed = null;
  if (readBoard().isOpen !== board.isOpen || readBoard().shots.length !== board.shots.length) writeBoard(board);
  const named = (wanted) => fields().find((field) => field.name === wanted);
  for (const [wanted, value] of values) {
    const field = named(wanted);
    if (field) field[valueName(field)] = value;
  }
  one("#prompt").dispatchEvent(new Event("input", { bubbles: true }));
  named(name)?.focus();
  if (caret[0] != null) named(name)?.setSelectionRange?.(...caret);
  return true;
}
