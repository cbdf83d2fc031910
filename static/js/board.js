// The shot board: cards on one timeline. Each change ends in an `input` event, and composer.js says what follows from it.
import { clean, compilePrompt, parsePrompt } from "./shots.js";
import { all, announce, facts, fill, one, setText } from "./page.js";

const NEW_SECONDS = 3;
const FITS = 118; // pixels of a card that can be written in: as wide as its four buttons
const FITS_FINGERS = 150;
const MENTIONS = /镜头|鏡頭|shot/iu; // every mark of a shot has one of these
const FRACTION = /^\d{1,3}(?:\.\d{1,3})?$/;
const fingers = matchMedia("(pointer: coarse)");

export const isOpen = () => Boolean(one("#board")) && !one("#board").disabled;
export const cards = () => (isOpen() ? all("[data-shot]", one("#shots")) : []);
const allCards = () => all("[data-shot]", one("#shots"));
export const textOf = (card) => one("textarea", card);
export const fieldOf = (card) => one("input", card);
export const typedSeconds = (card) => fieldOf(card).value.trim();
export const isWhole = (text) => /^\d{1,3}$/.test(text) && Number(text) > 0;
export const secondsOf = (card) => (isWhole(typedSeconds(card)) ? Number(typedSeconds(card)) : 0);
export const sumOf = (some) => some.reduce((total, card) => total + secondsOf(card), 0);
/** As near as it can be: beside a shot without seconds the others would lose theirs in the text. */
const roughly = (card) => (FRACTION.test(typedSeconds(card)) ? Math.max(1, Math.floor(Number(typedSeconds(card)) + 0.5)) : 1);
export const changed = () => one("#board").dispatchEvent(new Event("input", { bubbles: true }));

/** What stands on the board: every shot, blank ones too. */
export const readShots = () => cards().map((card) => ({ text: clean(textOf(card).value), seconds: secondsOf(card) }));
export const writtenShots = () => readShots().filter((shot) => shot.text);

/** As wide as its seconds; while they are typed anew, as wide as it was. */
function spanOf(card) {
  const was = Number(card.style.getPropertyValue("--secs"));
  return Math.min(99, secondsOf(card) || (FRACTION.test(typedSeconds(card)) ? roughly(card) : was || 1));
}

/** Places every card; returns the seconds they add up to. */
export function layOut() {
  const { durationMax, durationMin, shotsMost, words } = facts();
  const some = cards();
  if (!some.length && !isOpen()) {
    one("#duration").readOnly = false;
    return 0;
  }
  const spans = some.map(spanOf);
  const used = spans.reduce((total, span) => total + span, 0);
  placeAll(some, spans, Math.max(durationMax, used));
  const left = Math.max(0, durationMax - used);
  const add = one("[data-add-shot]", one("#shots"));
  add.style.setProperty("--from", used);
  add.hidden = left === 0 || some.length >= shotsMost;
  setText("[data-left]", fill(words.left, { seconds: left }), add);
  if (left) one("[data-hint=full]")?.remove();
  const sum = sumOf(some);
  setText("#too-long", sum > durationMax ? fill(words.sum, { sum }) : "");
  one("#too-long").hidden = sum <= durationMax;
  const duration = one("#duration");
  duration.readOnly = some.length > 0 && some.every((card) => isWhole(typedSeconds(card)));
  if (duration.readOnly) duration.title = words.summed;
  else duration.removeAttribute("title");
  if (duration.readOnly) duration.value = Math.max(durationMin, Math.min(durationMax, sum));
  return sum;
}

let placed = [];
const widths = new ResizeObserver(() => gather());

/** Most keys change no length: then every card stands where it stood. */
function placeAll(some, spans, scale) {
  const places = some.map((card, index) => [card, spans[index]]);
  if (placed.length === places.length && placed.every(([card, span], index) => card === places[index][0] && span === places[index][1])) return;
  placed = places;
  let from = 0;
  some.forEach((card, index) => {
    place(card, from, spans[index]);
    from += spans[index];
  });
  drawRuler(some, spans, scale);
  if (!some.some((card) => card.matches(".current"))) makeCurrent(some.find((card) => !card.matches("[data-locked]")) ?? some[0]);
  widths.disconnect();
  widths.observe(one("#shots")); // answers at once, and whenever the board has another width
}

function place(card, from, span) {
  const { words } = facts();
  card.style.setProperty("--from", from);
  card.style.setProperty("--secs", span);
  const handle = one("[data-handle]", card);
  handle.ariaValueNow = span;
  handle.ariaValueText = fill(words.long, { seconds: span });
}

/** When a card is too narrow to be written in, all become strips, and the current one is written below them. */
function gather() {
  const second = one("#shots").clientWidth / Number(one("#timeline").style.getPropertyValue("--scale"));
  const shortest = Math.min(...placed.map(([, span]) => span));
  one("#shots").classList.toggle("dense", shortest * second < (fingers.matches ? FITS_FINGERS : FITS));
}

function makeCurrent(card) {
  for (const other of allCards()) other.classList.toggle("current", other === card);
}

function drawRuler(some, spans, scale) {
  const timeline = one("#timeline");
  timeline.style.setProperty("--scale", scale);
  const ruler = one(".ruler");
  if (all("b", ruler).length !== scale) {
    ruler.replaceChildren(...Array.from({ length: scale }, (_none, second) => {
      const mark = document.createElement("b");
      mark.textContent = second;
      return mark;
    }));
  }
  for (const strip of all("i", ruler)) strip.remove();
  some.forEach((card, index) => {
    const strip = document.createElement("i");
    strip.style.setProperty("--from", card.style.getPropertyValue("--from"));
    strip.style.setProperty("--secs", spans[index]);
    ruler.append(strip);
  });
}

// Changing it ---------------------------------------------------------------------------------------------------------

export function renumber() {
  const { words } = facts();
  allCards().forEach((card, index) => {
    for (const field of all("[name^=shots-]", card)) {
      const label = one(`[for="${field.id}"]`, card);
      field.name = field.name.replace(/shots-(\d+|__prefix__)/, `shots-${index}`);
      field.id = field.id.replace(/shots-(\d+|__prefix__)/, `shots-${index}`);
      if (label) label.htmlFor = field.id;
    }
    const number = index + 1;
    for (const name of all("[data-shot-name]", card)) name.textContent = fill(words.shot, { number });
    for (const tool of all("[data-shot-tool]", card)) {
      tool.ariaLabel = fill(words[tool.dataset.shotTool], { number });
      tool.title = tool.ariaLabel;
      tool.value = tool.value.replace(/\d+$|__prefix__$/, index);
    }
    one("[data-handle]", card).ariaLabel = fill(words.length, { number });
  });
  one("[name=shots-TOTAL_FORMS]").value = allCards().length;
}

function addCard({ text = "", seconds = NEW_SECONDS }, after = null) {
  const card = one("#shot-template").content.cloneNode(true).firstElementChild;
  if (after) after.after(card);
  else one("[data-add-shot]").before(card);
  fieldOf(card).value = seconds || "";
  textOf(card).value = text;
  renumber();
  return card;
}

function room() {
  const left = facts().durationMax - sumOf(cards());
  if (left < 1) hint("full");
  return left;
}

function add(values, after) {
  const left = room();
  if (left < 1) return;
  const card = addCard({ ...values, seconds: Math.min(values.seconds || NEW_SECONDS, left) }, after);
  changed();
  textOf(card).focus();
  const count = cards().length;
  announce(fill(facts().words.added, { number: cards().indexOf(card) + 1, count, seconds: secondsOf(card) }));
}

/** The neighbour steps across, so that the moved card keeps the focus. */
export function move(card, step, { quiet = false } = {}) {
  const from = cards().indexOf(card);
  const neighbour = cards()[from + step];
  if (!neighbour) return false;
  if (step > 0) card.before(neighbour);
  else card.after(neighbour);
  renumber();
  changed();
  if (!quiet) sayMoved(card, from);
  return true;
}

export function sayMoved(card, from) {
  const to = cards().indexOf(card);
  if (to !== from) announce(fill(facts().words.moved, { from: from + 1, to: to + 1, count: cards().length }));
}

/** To that many seconds, as far as there is room; answers whether there was. */
export function resize(card, seconds) {
  const others = sumOf(cards()) - secondsOf(card);
  const fitting = Math.max(1, Math.min(seconds, facts().durationMax - others));
  if (fitting !== secondsOf(card)) {
    fieldOf(card).value = fitting;
    changed();
  }
  return seconds <= fitting || seconds < 1;
}

/** A retake leaves this shot as it is, until somebody wants otherwise. */
function unlock(button) {
  const card = button.closest("[data-shot]");
  card.removeAttribute("data-locked");
  for (const field of all("[readonly]", card)) field.readOnly = false;
  one("[name$=-locked]", card).value = "";
  button.remove();
  textOf(card).focus();
  changed();
}

/** Lengths of all shots at once, in their order. */
export function setSeconds(lengths) {
  cards().forEach((card, index) => (fieldOf(card).value = lengths[index]));
  changed();
}

/** At an end of the board the pressed button hides; then the focus goes to the other one. */
function moveBy(card, step) {
  move(card, step);
  const [pressed, other] = (step < 0 ? ["earlier", "later"] : ["later", "earlier"]).map((name) => one(`[data-shot-tool=${name}]`, card));
  if (!pressed.checkVisibility({ visibilityProperty: true })) other.focus();
}

const TOOLS = {
  earlier: (card) => moveBy(card, -1),
  later: (card) => moveBy(card, 1),
  copy: (card) => add({ text: textOf(card).value, seconds: secondsOf(card) }, card),
};

/** Folded away, the board leaves the takes in sight, as on a phone after Generate. */
export function fold(folded) {
  one("#composer").classList.toggle("folded", folded);
  one("#fold").ariaExpanded = String(!folded);
}

/** Where something is to be written, in sight and with the focus. */
export function writeIn(field) {
  if (field.closest("#composer")) fold(false);
  field.focus();
}

// Opening, closing, filling -------------------------------------------------------------------------------------------

function show(open) {
  fold(false);
  one("#composer").classList.toggle("open", open);
  one("#board").disabled = !open;
  for (const piece of all("[data-board]")) piece.hidden = !open;
  for (const piece of all("[data-closed]")) piece.hidden = open;
  one(open ? "#timeline" : "#sound-place").append(one("#sound"));
}

/** What stands in prompt and shots, however it is written. Of a locked one the card itself, which nobody writes in. */
export const readBoard = () => ({
  isOpen: isOpen(),
  prompt: one("#prompt").value,
  duration: one("#duration").value,
  shots: cards().map((card) => ({
    text: textOf(card).value,
    seconds: fieldOf(card).value,
    locked: card.matches("[data-locked]") ? card : null,
  })),
});

/** Puts that back. */
export function writeBoard({ isOpen: open, prompt, duration, shots }) {
  for (const card of allCards()) card.remove();
  for (const shot of shots) {
    if (shot.locked) one("[data-add-shot]").before(shot.locked);
    else addCard(shot);
  }
  renumber();
  show(open);
  one("#prompt").value = prompt;
  one("#duration").value = duration;
  one("#prompt").dispatchEvent(new Event("input", { bubbles: true }));
  (cards().length ? textOf(cards()[0]) : one("#prompt")).focus();
}

const parsed = (text, seconds) => (MENTIONS.test(text) ? parsePrompt(text, seconds) : null);

/** A list of shots that stands in the prompt, or else in the text of one shot (`card`). */
export function listed() {
  const found = parsed(one("#prompt").value, Number(one("#duration").value) || 0);
  if (found) return { found };
  for (const card of cards().filter((one_) => !one_.matches("[data-locked]"))) {
    const within = parsed(textOf(card).value, secondsOf(card));
    if (within?.shots.length > 1) return { found: within, card };
  }
  return { found: null };
}

/** The shots that stand in the text of one follow what it says before them. */
function spread(card, { overall, shots }) {
  let last = card;
  for (const shot of shots) last = addCard(shot, last);
  textOf(card).value = overall;
  if (!overall) card.remove();
}

/** A list of shots joins those on the board; answers the sentence that says so. */
export function fillBoard() {
  const { words } = facts();
  const { found, card: source } = listed();
  const count = found?.shots.length ?? 0;
  const said = count ? fill(count === 1 ? words.filledOne : words.filled, { count }) : "";
  show(true);
  if (source) spread(source, found);
  else if (found) {
    for (const card of allCards()) if (!clean(textOf(card).value)) card.remove();
    one("#prompt").value = found.overall;
    for (const shot of found.shots) addCard(shot);
  } else if (!allCards().length) {
    for (let blank = 0; blank < 3; blank += 1) addCard({});
  }
  renumber();
  changed();
  warn(found?.warnings ?? []);
  (cards().length ? textOf(cards()[0]) : one("[data-add-shot]")).focus();
  if (found) announce([said, ...found.warnings.map((name) => words[name])].join(" "));
  return said;
}

/** The board becomes the text that Wan would have received. */
function closeBoard() {
  const isTimed = cards().some(secondsOf);
  const shots = cards().map((card) => ({ text: clean(textOf(card).value), seconds: isTimed ? roughly(card) : 0 }));
  const isWritten = shots.some((shot) => shot.text);
  const said = isTimed && isWritten ? rounding() : [];
  if (isWritten) one("#prompt").value = compilePrompt(one("#prompt").value, shots);
  for (const card of allCards()) card.remove();
  renumber();
  show(false);
  one("#prompt").dispatchEvent(new Event("input", { bubbles: true }));
  one("#prompt").focus();
  warn(said);
  if (said.length) announce(said.map((name) => facts().words[name]).join(" "));
}

/** What becomes of lengths that are no whole numbers: the names of its sentences. */
function rounding() {
  const unread = cards().filter((card) => !secondsOf(card));
  const isFraction = (card) => FRACTION.test(typedSeconds(card)) && Number(typedSeconds(card)) > 0;
  return [unread.some(isFraction) ? "fractional" : "", unread.every(isFraction) ? "" : "second"].filter(Boolean);
}

export function warn(names, values = {}) {
  one("[data-warnings]").replaceChildren(...names.map((name) => {
    const line = document.createElement("p");
    line.textContent = fill(facts().words[name], values);
    return line;
  }));
}

/** A sentence that is heard, and stands beside those that stand there already. */
export function hint(name) {
  const text = facts().words[name];
  announce(text);
  const box = one("[data-warnings]");
  if (all("p", box).some((line) => line.textContent === text)) return;
  const line = box.appendChild(document.createElement("p"));
  [line.textContent, line.dataset.hint] = [text, name];
}

// Listening -----------------------------------------------------------------------------------------------------------

const PRESSES = [
  ["[data-open-board]", () => isOpen() || fillBoard()],
  ["[data-close-board]", () => isOpen() && closeBoard()],
  ["[data-fold]", () => fold(!one("#composer").matches(".folded"))],
  ["[data-add-shot]", () => add({})],
  ["[data-unlock]", unlock],
  ["[data-shot-tool]:not([data-shot-tool=remove])", (button) => TOOLS[button.dataset.shotTool](button.closest("[data-shot]"))],
];

document.addEventListener("click", (event) => {
  for (const [selector, act] of PRESSES) {
    const button = event.target.closest?.(selector);
    if (!button) continue;
    event.preventDefault();
    act(button);
    return;
  }
});

const SIDEWAYS = { ArrowLeft: -1, ArrowRight: 1 };
const STEPS = { ...SIDEWAYS, ArrowUp: -1, ArrowDown: 1 };
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-shot]:not([data-locked])");
  if (!card || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const isHandle = event.target.matches("[data-handle]");
  if (event.altKey) {
    // Option and an arrow move by words on a Mac.
    const step = isMac && event.target.matches("textarea") && event.key in SIDEWAYS ? 0 : STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    move(card, step);
  } else if (isHandle && event.key in STEPS) {
    event.preventDefault();
    const fits = resize(card, secondsOf(card) + (event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : SIDEWAYS[event.key]));
    if (!fits) hint("full");
  } else if (isHandle && (event.key === "Home" || event.key === "End")) {
    event.preventDefault();
    resize(card, event.key === "Home" ? 1 : facts().durationMax);
  }
});

document.addEventListener("focusin", ({ target }) => {
  const card = target.closest?.("[data-shot]");
  if (card) makeCurrent(card);
});
