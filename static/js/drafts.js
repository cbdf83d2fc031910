// What is typed is saved on the server once the keys rest, and while they do not, now and then.
import { announce, facts, one, renewToken } from "./page.js";
import "./turns.js";
import { fits } from "./unsaved.js";

const REST = 1500;
const LONGEST = 10_000;
const AGAIN = 10_000;
let [timer, since, saving, isDirty, isStopped, isRefused] = [0, 0, null, false, false, false];
let [isPressed, isTypedSince] = [false, false]; // a press is on its way; since then something was typed

const composer = () => one("#composer");
const field = (name) => one(`#composer-hidden [name=${name}]`);

function say(text) {
  one("[data-draft-said]").textContent = text || facts().words.drafts;
}

function note(html) {
  one("#draft-notes").innerHTML = html;
}

function tell(text, { isTrouble = false } = {}) {
  const said = one("#draft-notes [data-trouble]");
  if (isTrouble && said?.textContent === text) return;
  const line = document.createElement("p");
  line.className = "notice";
  line.textContent = text;
  if (isTrouble) line.dataset.trouble = "";
  one("#draft-notes").replaceChildren(line);
}

function touch() {
  if (!isDirty) since = performance.now();
  [isDirty, isTypedSince] = [true, true];
  clearTimeout(timer);
  if (isStopped || isPressed) return;
  timer = setTimeout(save, Math.min(REST, Math.max(0, since + LONGEST - performance.now())));
}

/** Until it ends, `saving` is this. */
async function underway(sending) {
  saving = sending;
  await sending;
  if (saving === sending) saving = null;
}

/** Ends when everything typed until now is saved, or cannot be. */
async function save() {
  clearTimeout(timer);
  await saving;
  if (!isDirty || isStopped || !composer()) return;
  isDirty = false;
  await underway(send());
}

/** On the way out nothing is waited for. Should the page live on, it saves once more, after what is on its way now. */
function saveAtOnce() {
  if (!saving) return save();
  if (!isDirty || isStopped || !composer()) return null;
  timer = setTimeout(save, REST);
  return underway(Promise.all([saving, send()]));
}

function typed() {
  const form = new FormData(composer());
  for (const name of ["audio", "clip"]) form.delete(name);
  return form;
}

async function send() {
  renewToken();
  const form = typed();
  const options = { method: "POST", body: form, headers: { "HX-Request": "true" }, keepalive: fits(form) };
  const response = await fetch(one("#draft").dataset.save, options).catch(() => null);
  if (!composer() || field("draft").value !== form.get("draft")) return; // another text stands there by now
  isRefused = !response?.ok;
  if (response?.ok) keep(await response.json(), Number(form.get("draft_turn")));
  else if (response?.status === 409) {
    [isStopped, isDirty] = [true, true];
    note(await response.text());
    say(facts().words.draftUnsaved);
  } else {
    isDirty = true;
    const { words } = facts();
    say(words.draftUnsaved);
    if (response?.status === 404) tell(words.draftNowhere, { isTrouble: true });
    else if (response?.status === 401 || response?.status === 403) tell(words.draftSignedOut, { isTrouble: true });
    if (response?.status !== 404) timer = setTimeout(save, AGAIN);
  }
}

function keep({ draft, version, turn, said, note: words }, sent) {
  [field("draft").value, field("draft_version").value] = [draft, version];
  if (turn > sent) { // the clock was set back: this was taken for what came late
    field("draft_turn").value = turn;
    touch();
  }
  say(said);
  one("[data-discard]").hidden = !version;
  one("#draft-notes [data-trouble]")?.remove();
  if (words) tell(words);
}

/** Another window has changed it: both are kept, or this one replaces the other. */
function decide(values) {
  for (const [name, value] of Object.entries(values)) field(name).value = value;
  note("");
  isStopped = false;
  save();
  one("#prompt").focus();
}

/** Menu buttons are buttons of the form: what is typed is saved first, then it is sent without htmx. */
async function step(button) {
  await save();
  const { name, value } = button;
  const hidden = Object.assign(document.createElement("input"), { type: "hidden", name, value });
  const form = composer();
  form.append(hidden);
  isDirty = false;
  form.submit();
}

async function showShelf() {
  await save();
  const shelf = `${one("#draft").dataset.shelf}&draft=${field("draft").value}`;
  const response = await fetch(shelf, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) return;
  one("[data-shelf-list]").innerHTML = await response.text();
  htmx.process(one("[data-shelf-list]"));
}

const PRESSES = [
  ["[data-draft-step]", step],
  ["[data-keep-draft]", ({ dataset }) => decide({ draft: dataset.keepDraft, draft_version: 0 })],
  ["[data-take-over]", ({ dataset }) => decide({ draft_version: dataset.takeOver })],
];

document.addEventListener("click", (event) => {
  if (!composer()) return;
  if (event.target.closest?.("[data-open-drafts]")) showShelf();
  for (const [selector, act] of PRESSES) {
    const button = event.target.closest?.(selector);
    if (!button) continue;
    event.preventDefault();
    act(button);
    return;
  }
});
for (const name of ["input", "change"]) {
  document.addEventListener(name, ({ target }) => {
    const isOurs = target.closest?.("#composer") && (target.name || target.id === "sound");
    if (isOurs && target.type !== "file" && !target.name?.startsWith("trim-")) touch();
  });
}
document.addEventListener("input", ({ target }) => target.id === "board" && touch());
document.addEventListener("visibilitychange", () => {
  const isSent = isPressed && !isTypedSince; // whoever looks away after a press has nothing left to save
  if (document.visibilityState === "hidden" && !isSent) saveAtOnce();
});
addEventListener("pagehide", saveAtOnce);

// Leaving asks first when what is typed would be lost by it: the server does not take it, or it is too long to be sent by
// a page that ends.
addEventListener("beforeunload", (event) => {
  if (!composer() || (!isDirty && !saving)) return;
  if (isStopped || isRefused || !fits(typed())) event.preventDefault();
  saveAtOnce();
});

/** What fills the composer takes the place of what stands in it, which is kept first. */
function saveBefore(event) {
  if (!isDirty && !saving) return;
  event.preventDefault();
  save().then(() => isDirty || event.detail.issueRequest(true));
}

/** Ends when nothing is on its way, nor what waited for that. */
async function arrived() {
  while (saving) await saving;
}

// A press ends the draft. What is on its way is awaited, so that it cannot come back after that.
document.addEventListener("htmx:confirm", (event) => {
  if (event.detail.elt.id !== "composer") return;
  clearTimeout(timer);
  if (event.detail.triggeringEvent?.submitter?.id === "refill") return saveBefore(event);
  if (!saving) return;
  event.preventDefault();
  arrived().then(() => event.detail.issueRequest(true));
});
// Signed out: the page is not loaded anew while something stands in it that is not saved.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status !== 401 || !isDirty || !composer()) return;
  event.preventDefault();
  say(facts().words.draftUnsaved);
  tell(facts().words.draftSignedOut, { isTrouble: true });
});
document.addEventListener("htmx:beforeSend", ({ detail }) => {
  if (detail.elt.id !== "composer") return;
  clearTimeout(timer); // what was typed while the press waited is in it
  [isPressed, isTypedSince] = [true, false];
});
// A clip's recipe takes the place of what was typed while it was asked for, too: that is saved where it belongs.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.elt.id !== "composer" || detail.xhr.status !== 200 || !isTypedSince || !detail.xhr.getResponseHeader("HX-Retarget")) return;
  isDirty = false;
  underway(send());
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.elt.id !== "composer" || !composer()) return; // of one that the answer replaced, `elt` is the parent
  isPressed = false;
  if (detail.xhr?.status !== 200 || detail.xhr.getResponseHeader("HX-Retarget")) {
    if (isDirty) touch();
    return;
  }
  [isDirty, isStopped] = [isTypedSince, false];
  note("");
  say("");
  one("[data-discard]").hidden = true;
  if (isDirty) touch();
});
if (one("[data-draft-said]")?.textContent && field("draft_version").value !== "0") announce(one("[data-draft-said]").textContent);
