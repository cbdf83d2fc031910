// Words of the vocabulary: toggled in the text that was written in last, in that text's own language.
import { cards, fold, isOpen, writeIn } from "./board.js";
import { all, announce, facts, fill, one, setText } from "./page.js";
import { clean, language } from "./shots.js";

const NAMES = ["en", "hant", "hans"];
const PART = /\{(who|how|line)\}/g;
let last = null; // the field written in last

const panel = () => one("#words");
/** Never a shot that a retake leaves as it is. */
const isOpenTo = (place) => place?.isConnected && !place.disabled && !place.readOnly;
const field = () => (isOpenTo(last) ? last : one("#board")?.disabled === false ? one("#shots textarea:not([readonly])") : null) ?? one("#prompt");

function chosen(text) {
  const here = document.documentElement.lang.toLowerCase();
  const script = here === "zh-hant" ? "hant" : "hans";
  if (!clean(text)) return here.startsWith("zh") ? script : "en";
  return language(text) === "zh" ? script : "en";
}

const MARKS = ",，、.。!！?？;；:：\\n";
const patterns = new WeakMap();

/** The word in any of its languages, by itself between marks or ends: in "a day in the life" no time is chosen. */
function patternOf(word) {
  if (!patterns.has(word)) {
    const spellings = NAMES.map((name) => word.dataset[name].replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
    const after = "sentence" in word.dataset ? "" : `(?=[ \\t]*(?:$|[${MARKS}]))`;
    patterns.set(word, new RegExp(`(?<=(?:^|[${MARKS}\\]】"”」』])[ \\t]*)(?:${spellings})${after}`, "iu"));
  }
  return patterns.get(word);
}

function find(text, word) {
  const match = patternOf(word).exec(text);
  return match && { from: match.index, to: match.index + match[0].length };
}

/** As a person would write it: typed into the field, so that undo brings it back. */
function replace(target, from, to, text) {
  target.focus();
  target.setSelectionRange(from, to);
  const done = text ? document.execCommand("insertText", false, text) : from === to || document.execCommand("delete");
  if (!done) {
    target.setRangeText(text, from, to, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** With one comma; of a sentence of its own with its end. */
function takeOut(target, { from, to }) {
  const [head, rest] = [target.value.slice(0, from), target.value.slice(to)];
  const lengthOf = (text, pattern) => text.match(pattern)?.[0].length ?? 0;
  let after = lengthOf(rest, /^[ \t]*[,，、:：][ \t]*/);
  let before = after ? 0 : lengthOf(head, /[,，、][ \t]*$/);
  if (!after && !before) {
    after = lengthOf(rest, /^[ \t]*[.。!！?？;；]?[ \t]*/);
    before = after === rest.length ? lengthOf(head, /[ \t]+$/) : 0;
  }
  replace(target, from - before, to + after, "");
}

/** At the cursor, between the commas that it needs; at the end a sentence, and what goes where nobody has written yet. */
function putIn(target, word, isSentence) {
  const { value } = target;
  const at = isSentence || target !== last ? value.trimEnd().length : target.selectionEnd;
  const [before, after] = [value.slice(0, at), value.slice(at)];
  const isHan = chosen(value) !== "en";
  const comma = isHan ? "，" : ", ";
  const trimmed = before.trimEnd();
  if (isSentence) {
    const end = /[.。!！?？]["”」』]?$/.test(trimmed) ? "" : isHan ? "。" : ".";
    replace(target, at, at, (trimmed ? end + (isHan ? "" : " ") : "") + word);
    return;
  }
  const follows = !trimmed || /[,，、:：.。!！?？;；]$/.test(trimmed) || /\n[ \t]*$/.test(before);
  const lead = !follows ? comma : isHan || !trimmed || /\s$/.test(before) ? "" : " ";
  const isClosed = /^[ \t]*(?:$|[\n,，、:：.。!！?？;；])/.test(after);
  const tail = isClosed ? "" : /^[ \t]/.test(after) ? comma.trim() : comma;
  replace(target, follows ? at : trimmed.length, at, lead + word + tail);
}

function toggle(word) {
  const target = field();
  const found = find(target.value, word);
  const text = word.dataset[chosen(target.value)];
  const group = word.closest("[data-one]");
  const places = group ? all("[data-word]", group).map((other) => find(target.value, other)) : [];
  const place = places.find(Boolean);
  if (found) takeOut(target, found);
  else if (place) replace(target, place.from, place.to, text);
  else putIn(target, text, "sentence" in word.dataset);
  announce(`${word.textContent} ${find(target.value, word) ? "+" : "−"}`);
  last = target;
  show();
}

/** The pattern closes up where a part is left out; what was typed stays as it is. */
function spokenLine(pattern, parts) {
  const told = pattern.replace(PART, (part, name) => parts[name] && part);
  return told.replace(/ +/g, " ").replace(" :", ":").trim().replace(PART, (_part, name) => parts[name]);
}

function insertLine() {
  const box = one("[data-spoken]", panel());
  const target = field();
  const parts = Object.fromEntries(all("[data-part]", box).map((input) => [input.dataset.part, input.value.trim()]));
  if (!parts.line) {
    one("[data-part=line]", box).focus();
    return;
  }
  putIn(target, spokenLine(box.dataset[chosen(target.value || parts.line)], parts), true);
  for (const input of all("[data-part]", box)) input.value = "";
  last = target;
}

/** Pressed are those that stand in the text. */
function show() {
  if (!panel() || panel().hidden) return;
  const target = field();
  const { value } = target;
  const card = target.closest("[data-shot]");
  const { words } = facts();
  const whose = card ? fill(words.forShot, { number: cards().indexOf(card) + 1 }) : isOpen() ? words.forAll : words.forPrompt;
  if (one("[data-words-for]")) setText("[data-words-for]", whose);
  for (const word of all("[data-word]", panel())) word.ariaPressed = String(Boolean(find(value, word)));
}

function search(text) {
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of all("[data-search]", panel())) item.hidden = !terms.every((term) => item.dataset.search.toLowerCase().includes(term));
  for (const group of all("[data-category]", panel())) group.hidden = !all("[data-word]:not([hidden])", group).length;
  const none = one("[data-no-words]", panel());
  const isNone = !all("[data-search]:not([hidden])", panel()).length;
  if (isNone && none.hidden) announce(none.textContent);
  none.hidden = !isNone;
}

function close() {
  panel().hidden = true;
  one("[data-open-words]").ariaExpanded = "false";
}

/** Words are typed into the text, which takes the focus; whoever came by keys goes on where they were. */
function keepFocus(act, isByKeys) {
  const here = document.activeElement;
  act();
  if (isByKeys && panel().contains(here) && !panel().contains(document.activeElement)) here.focus();
}

async function open(link) {
  const box = panel();
  const isFolded = one("#composer").matches(".folded");
  fold(false);
  box.hidden = !box.hidden && !isFolded;
  link.ariaExpanded = String(!box.hidden);
  if (!box.hidden && !box.childElementCount) {
    await htmx.ajax("GET", link.dataset.href, { source: box, target: box, swap: "innerHTML" });
  }
  show();
  if (!box.hidden) one("[data-word-search]", box)?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-open-words]");
  const word = event.target.closest?.("[data-word]");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    open(link);
  } else if (word) keepFocus(() => toggle(word), !event.detail);
  else if (event.target.closest?.("[data-insert-line]")) keepFocus(insertLine, !event.detail);
  else if (event.target.closest?.("[data-close-words]")) {
    close();
    one("[data-open-words]").focus();
  }
});
document.addEventListener("focusin", ({ target }) => {
  if (!target.matches("#prompt, #shots textarea:not([readonly])")) return;
  last = target;
  show();
});
document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-word-search]")) search(target.value);
  else if (target.matches("#prompt, #shots textarea")) show();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("#words input")) return;
  event.preventDefault(); // would press Generate
  if (event.target.matches("[data-part]")) keepFocus(insertLine, true);
});
// Escape leads back to the text; in a search it first takes the search away, as browsers do.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.closest?.("#words") || event.target.matches("[data-word-search]:not(:placeholder-shown)")) return;
  close();
  writeIn(field());
});
for (const name of ["pointerover", "focusin"]) {
  document.addEventListener(name, ({ target }) => {
    const word = target.closest?.("[data-word]");
    if (word) one("[data-word-about]", panel()).textContent = `${word.dataset.en} · ${word.dataset.hant} · ${word.dataset.hans}: ${word.title}`;
  });
}
