// What is typed is saved on the server once the keys rest, and while they do not, now and then.
import { all, announce, facts, one, renewToken } from "./page.js";

const REST = 1500;
const LONGEST = 10_000;
const AGAIN = 10_000;
let [timer, since, saving, isDirty, isStopped] = [0, 0, null, false, false];

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
  isDirty = true;
  clearTimeout(timer);
  if (isStopped) return;
  timer = setTimeout(save, Math.min(REST, Math.max(0, since + LONGEST - performance.now())));
}

/** Ends when everything typed until now is saved, or cannot be. */
async function save({ leaving = false } = {}) {
  clearTimeout(timer);
  await saving;
  if (!isDirty || isStopped || !composer()) return;
  isDirty = false;
  saving = send(leaving);
  await saving;
  saving = null;
}

async function send(leaving) {
  renewToken();
  const form = new FormData(composer());
  for (const name of ["audio", "clip"]) form.delete(name);
  const options = { method: "POST", body: form, headers: { "HX-Request": "true" }, keepalive: leaving };
  const response = await fetch(one("#draft").dataset.save, options).catch(() => null);
  if (!composer()) return;
  if (response?.ok) keep(await response.json());
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

function keep({ draft, version, said, note: words }) {
  [field("draft").value, field("draft_version").value] = [draft, version];
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
  const response = await fetch(one("#draft").dataset.shelf, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) return;
  one("[data-shelf-list]").innerHTML = await response.text();
  const current = field("draft").value;
  for (const button of all("[data-draft]")) if (button.dataset.draft === current) button.ariaCurrent = "true";
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
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save({ leaving: true }));
addEventListener("pagehide", () => save({ leaving: true }));

/** What fills the composer takes the place of what stands in it, which is kept first. */
function saveBefore(event) {
  if (!isDirty && !saving) return;
  event.preventDefault();
  save().then(() => isDirty || event.detail.issueRequest(true));
}

// A press ends the draft. What is on its way is awaited, so that it cannot come back after that.
document.addEventListener("htmx:confirm", (event) => {
  if (event.detail.elt.id !== "composer") return;
  clearTimeout(timer);
  if (event.detail.triggeringEvent?.submitter?.id === "refill") return saveBefore(event);
  if (!saving) return;
  event.preventDefault();
  saving.then(() => event.detail.issueRequest(true));
});
// Signed out: the page is not loaded anew while something stands in it that is not saved.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status !== 401 || !isDirty || !composer()) return;
  event.preventDefault();
  say(facts().words.draftUnsaved);
  tell(facts().words.draftSignedOut, { isTrouble: true });
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.id !== "composer" || !composer()) return;
  if (detail.xhr?.status !== 200 || detail.xhr.getResponseHeader("HX-Retarget")) {
    if (isDirty) touch();
    return;
  }
  [isDirty, isStopped] = [false, false];
  note("");
  say("");
  one("[data-discard]").hidden = true;
});
if (one("[data-draft-said]")?.textContent && field("draft_version").value !== "0") announce(one("[data-draft-said]").textContent);
