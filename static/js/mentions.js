// Names in a comment: after an @ the people of the team are offered. A name that is typed to its end does the same.
import { one } from "./page.js";

let people = null;
let list = null;
let field = null;
let begun = null;

function names() {
  people ??= fetch(field.dataset.people).then((answer) => (answer.ok ? answer.json() : { people: [] }));
  return people.then((answer) => answer.people);
}

/** Where the name before the caret begins, and what there is of it. */
function beginning() {
  const before = field.value.slice(0, field.selectionStart);
  const [, word] = before.match(/(?:^|[\s(,;:])@([^@]{0,40})$/) ?? [];
  return word === undefined ? null : { start: before.length - word.length, word: word.toLowerCase() };
}

function close() {
  list?.remove();
  list = null;
  field?.setAttribute("aria-expanded", "false");
  field?.removeAttribute("aria-activedescendant");
}

function choose(option) {
  for (const other of list.children) other.ariaSelected = String(other === option);
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function take(option) {
  const end = field.selectionStart;
  field.setRangeText(`${option.dataset.as} `, begun.start, end, "end");
  close();
  field.focus();
}

function show(found) {
  close();
  if (!found.length) return;
  list = document.createElement("ul");
  Object.assign(list, { id: "names", role: "listbox", className: "names" });
  list.setAttribute("aria-label", field.dataset.label);
  for (const [index, person] of found.entries()) {
    const option = document.createElement("li");
    Object.assign(option, { id: `name-${index}`, role: "option", textContent: person.name });
    if (person.as !== person.name) option.append(` (${person.as})`);
    option.dataset.as = person.as;
    list.append(option);
  }
  field.after(list);
  field.setAttribute("aria-expanded", "true");
  choose(list.firstElementChild);
}

async function offer() {
  begun = beginning();
  if (!begun) return close();
  const all = await names();
  begun = beginning();
  if (!begun) return close();
  const fits = (name) => name.toLowerCase().startsWith(begun.word);
  show(all.filter((person) => fits(person.name) || fits(person.as)).slice(0, 8));
}

function listen(target) {
  if (!target?.matches?.("[data-people]")) return;
  field = target;
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", "names");
  field.setAttribute("aria-expanded", "false");
}

document.addEventListener("focusin", ({ target }) => listen(target));
listen(document.activeElement); // who was faster than this script
document.addEventListener("focusout", ({ target }) => { if (target === field) close(); });
document.addEventListener("input", ({ target }) => { if (target === field) offer(); });
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.("#names [role=option]");
  if (!option) return;
  event.preventDefault();
  take(option);
});
document.addEventListener("keydown", (event) => {
  if (!list || event.target !== field || event.isComposing) return;
  const chosen = one("[aria-selected=true]", list);
  const next = { ArrowDown: chosen.nextElementSibling ?? list.firstElementChild, ArrowUp: chosen.previousElementSibling ?? list.lastElementChild }[event.key];
  if (next) choose(next);
  else if (["Enter", "Tab"].includes(event.key)) take(chosen);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
});
