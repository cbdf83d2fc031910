// The composer says at once what the server would say: counters, price, why the button is off.
import { cards, fold, hint, isOpen, layOut, warn, writeIn, writtenShots } from "./board.js";
import { complaints, showSilent, wrongLength } from "./complaints.js";
import { all, announce, deniedBy, facts, fill, one, quoted, setText } from "./page.js";
import { drawLane } from "./lane.js";
import { clean, compiledLines } from "./shots.js";
import { askPromise } from "./keys.js";
import "./drag.js";
import "./leave.js";
import { putBack } from "./meanwhile.js";
import { offer } from "./paste.js";
import "./removed.js";
import { asked, asProof } from "./proof.js";
import { soundComplaints } from "./sound.js";
import "./drafts.js";
import "./words.js";

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;
const length = (text) => text.length - (text.match(PAIR) ?? []).length; // an emoji counts once, as on the server
const NEAR = 0.9;
const phone = matchMedia("(width < 40rem)"); // there the board covers the takes

const composer = () => one("#composer");
document.documentElement.classList.add("scripted");

/** A key changes one line: only that one is written anew. */
function showCompiled(lines) {
  const box = one("#compiled");
  if (box.firstChild?.nodeType === Node.TEXT_NODE) box.replaceChildren(); // as the page came
  while (box.children.length > lines.length) box.lastChild.remove();
  lines.forEach(([head, text], index) => {
    const line = box.children[index] ?? box.appendChild(blankLine());
    write(line.firstChild.firstChild, head);
    write(line.lastChild, index < lines.length - 1 ? `${text}\n` : text);
  });
}

function blankLine() {
  const [line, bold] = [document.createElement("span"), document.createElement("b")];
  bold.append("");
  line.append(bold, "");
  return line;
}

function write(node, text) {
  if (node.data !== text) node.data = text;
}

function count(counter, used, limit) {
  if (!counter) return;
  counter.value = `${used}/${limit}`;
  counter.classList.toggle("near", used > limit * NEAR && used <= limit);
  counter.classList.toggle("over", used > limit);
}

const excess = (count, single, several) =>
  count > 0 ? fill(count === 1 ? single : several, { count: count.toLocaleString(document.documentElement.lang) }) : "";

function isLength({ durationMin, durationMax }) {
  const duration = Number(one("#duration").value);
  return Number.isInteger(duration) && duration >= durationMin && duration <= durationMax;
}

function isSeed({ seedMax }) {
  const seed = clean(one("#seed").value);
  return !seed || (/^\d+$/.test(seed) && Number(seed) <= seedMax);
}

/** Every reason why it cannot be sent. */
function reasons(known, used, negative) {
  const { words } = known;
  return [
    quoted().isReady ? "" : words.setup,
    short(known),
    used ? "" : words.prompt,
    excess(used - known.promptLimit, words.tooLongOne, words.tooLong),
    excess(negative - known.negativeLimit, words.negativeOne, words.negative),
    ...complaints(),
    isLength(known) ? "" : fill(words.duration, { least: known.durationMin, most: known.durationMax }),
    isSeed(known) ? "" : words.seed,
    ...soundComplaints(),
  ].filter(Boolean);
}

function showReasons(why) {
  const list = one("#blocked");
  const said = all("li", list).map((line) => line.textContent);
  list.hidden = !why.length;
  if (said.join() === why.join()) return;
  list.replaceChildren(...why.map((words) => {
    const line = document.createElement("li");
    line.textContent = words;
    return line;
  }));
}

const UNITS = 10_000; // of a price: it has up to four places, with which binary fractions can't be reckoned to the cent

/** Of the takes as they stand; 0 when that can't be told or nothing is charged. */
function cost(known) {
  const { resolution, duration: seconds, takes } = asked();
  const each = quoted().prices[resolution];
  const isKnown = each && isLength(known) && !one("#board:enabled #too-long:not([hidden])");
  return isKnown ? (Math.round(Number(each) * UNITS) * seconds * takes) / UNITS : 0;
}

/** Half a cent counts as one, and what is less is not shown as nothing, as generations/phrases.py says it. */
function money(known, amount) {
  const units = Math.round(amount * UNITS);
  const isTiny = units < UNITS / 200;
  const figures = { minimumFractionDigits: 2, maximumFractionDigits: isTiny ? 4 : 2 };
  const shown = isTiny ? units / UNITS : Math.round(units / 100) / 100;
  return `${known.signs[quoted().currency]}\u00a0${shown.toLocaleString(document.documentElement.lang, figures)}`;
}

/** The budget's sentence when these takes need more than it has left. */
function short(known) {
  const purse = one("#purse");
  const needed = cost(known);
  const isShort = purse && needed > Number(purse.value) + 1e-9;
  return isShort ? fill(purse.dataset.says, { needed: money(known, needed) }) : "";
}

/** A seed is set under "More"; the bar shows it, so that nobody repeats one unawares. */
function showSeed() {
  const seed = clean(one("#seed").value);
  setText("[data-seed-said]", seed, composer());
  one("[data-seed-set]", composer()).hidden = !seed;
}

function update() {
  if (!composer()) return;
  const known = facts();
  layOut();
  const lines = compiledLines(...asProof(clean(one("#prompt").value), writtenShots()));
  const used = length(lines.map(([head, text]) => head + text).join("\n"));
  const negative = length(clean(one("#negative_prompt").value));
  count(one("#prompt-counter"), used, known.promptLimit);
  count(one("#compiled-counter"), used, known.promptLimit);
  count(one("#negative-counter"), negative, known.negativeLimit);
  if (isOpen()) showCompiled(lines);
  offer();
  showSilent();
  drawLane();
  const why = reasons(known, used, negative);
  showReasons(why);
  const { resolution, duration, isProof } = asked();
  setText("#summary", fill(isProof ? known.words.proof : known.words.summary, { seconds: duration, resolution, whole: one("#duration").value }));
  one("#send-facts").hidden = why.length > 0;
  const button = one("#generate");
  if (why.length) button.ariaDisabled = "true";
  else button.removeAttribute("aria-disabled");
  const amount = cost(known);
  setText("#price", amount ? ` · ${money(known, amount)}` : "");
  one("[data-seeds]", one("#more")).hidden = Number(one("#takes").value) < 2;
  showSeed();
  askPromise();
}

// Scene -----------------------------------------------------------------------------------------------------------------

function joinScene(uuid, name) {
  one("[data-scene]").value = uuid;
  one("[data-scene-name]").textContent = name;
  one("[data-scene-note]").hidden = !uuid;
  writeIn(one("#prompt"));
}

function forgetKin() {
  for (const name of ["parent", "comment"]) one(`[name=${name}]`).value = "";
  one("[data-kin-note]").hidden = true;
  one("#prompt").focus();
}

// Listening -------------------------------------------------------------------------------------------------------------

const PRESSES = [
  ["[data-forget-kin]", forgetKin],
  ["[data-new-scene]", () => joinScene("", "")],
  ["[data-continue]", (link) => joinScene(link.dataset.continue, link.dataset.name)],
];

document.addEventListener("click", (event) => {
  if (!composer() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  for (const [selector, act] of PRESSES) {
    const button = event.target.closest?.(selector);
    if (!button) continue;
    event.preventDefault();
    act(button);
    return;
  }
  if (event.target.closest?.("#generate[aria-disabled=true]")) {
    event.preventDefault();
    mend();
  }
});

/** Where the first reason can be mended. */
function firstWrong() {
  const blank = cards().find((card) => !clean(one("textarea", card).value));
  if (blank && isOpen()) return one("textarea", blank);
  if (wrongLength()) return wrongLength();
  const [prompt, known] = [one("#prompt"), facts()];
  if ((!clean(prompt.value) && !isOpen()) || one("#prompt-counter.over")) return prompt;
  if (one("#negative-counter.over")) return one("#negative_prompt");
  if (!isLength(known)) return one("#duration");
  return isSeed(known) ? prompt : one("#seed");
}

/** A press that cannot be: every reason is said, and the first one can be mended at once. */
function mend() {
  announce(all("#blocked li").map((line) => line.textContent).join(" "));
  const field = firstWrong();
  if (field.matches("textarea:not(#negative_prompt), [data-shot] input")) writeIn(field);
  else reach(field);
}

/** Of a press that was refused: what is no error is heard, too, and the first error can be mended. */
function answer() {
  const unheard = all("#composer-notice, #blocked:not([hidden]) li").map((line) => line.textContent);
  announce(unheard.join(" "));
  reach(one("#composer [aria-invalid=true]") ?? one("#generate"));
}

/** Focus, also in a menu that is closed. */
function reach(field) {
  const menu = field?.closest("[popover]:not(:popover-open)");
  menu?.showPopover({ source: one(`[popovertarget=${menu.id}]`) });
  field?.focus();
}

document.addEventListener("input", ({ target }) => {
  if (!target.closest?.("#composer")) return;
  if (target.id === "prompt" && !target.value && !isOpen()) {
    if (one("[data-scene]").value) joinScene("", "");
    if (one("[name=parent]").value) forgetKin();
  }
  if (target.ariaInvalid === "true") {
    target.removeAttribute("aria-invalid");
    document.getElementById(`${target.id}_error`)?.remove();
    if (target.closest("[data-shot]")) for (const line of all("#composer-errors li:not([id])")) line.remove(); // #blocked says it anew
  }
  update();
});

/** A length that is a sum is not typed: who tries reads where it comes from. */
function saySummed({ target, key = "" }) {
  if (target.id !== "duration" || !target.readOnly || !/^(|\d|Backspace|Delete|ArrowUp|ArrowDown)$/.test(key)) return;
  hint("summed");
}
for (const name of ["click", "keydown"]) document.addEventListener(name, saySummed);

// Enter alone in a field would press Generate, which costs; in a file's field it opens the choice.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.closest?.("#composer")) return;
  if (!event.ctrlKey && !event.metaKey) {
    if (event.target.matches("input:not([type=file])")) event.preventDefault();
    return;
  }
  event.preventDefault();
  if (one("#generate").ariaDisabled === "true") mend();
  else composer().requestSubmit(one("#generate"));
});

// The answer to a press: sentences stand beside their fields and the first wrong one has the focus.
document.addEventListener("htmx:afterSettle", ({ detail, target }) => {
  if (!composer()) return;
  if (target.id === "keep-out") one("#negative_prompt").dispatchEvent(new Event("input", { bubbles: true })); // a preset is typing
  if (!putBack() && detail.xhr?.status === 422) answer();
  if (target.id === "announce") updateQuietly();
  else update();
});

/** By a poll: heard only when it turns the button off or on. */
function updateQuietly() {
  const isOff = () => one("#generate").ariaDisabled === "true";
  const was = isOff();
  update();
  if (was !== isOff()) announce(isOff() ? all("#blocked li").map((line) => line.textContent).join(" ") : facts().words.again);
}
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.id !== "composer" || detail.xhr?.status !== 200) return;
  askPromise({ again: true });
  if (isOpen() && phone.matches && (document.activeElement === document.body || document.activeElement.closest(".composer-bar"))) fold(true);
  for (const said of all("#composer-errors, #composer-notice")) said.remove();
  for (const field of all("#composer [aria-invalid]")) field.removeAttribute("aria-invalid");
});

// A press that came to nothing: what is typed is still there, and its token lets it make its takes once only.
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    if (detail.elt.id !== "composer" || !composer()) return;
    const { words } = facts();
    const status = detail.xhr?.status ?? 0;
    const denied = status === 403 ? deniedBy(detail.xhr) : "";
    const name = denied ? "lostDenied" : `lost${status}` in words ? `lost${status}` : "lostHere";
    warn([name], { reason: denied });
    announce(fill(words[name], { reason: denied }));
  });
}

update();
