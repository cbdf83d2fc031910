// The call sheet: each check of it is heard, and nothing typed is lost, neither while one is signed out nor by leaving.
import { all, announce, deniedBy, isForeign, one, renewToken } from "./page.js";
import "./turns.js";
import { fits } from "./unsaved.js";

const AGAIN = 10_000;
const RESTS = 30_000;
const HEARD = ["#check-title", "#sheet-head .state", "#send .price", "#sheet-errors li", "#row-errors .error", "[data-conflict] > span", "#sheet-said"];
const sheet = () => one("#call-sheet");
const isOurs = ({ detail }) => sheet().contains(detail.elt) && !detail.elt.closest("#drafts");

// Saving ----------------------------------------------------------------------------------------------------------------

const asked = new WeakMap(); // what had been typed when it was asked, by request
let [written, kept, timer, isRefused, isSent] = [0, 0, 0, false, false];
let held = null; // what the button said when it was pressed before that was reckoned
const isUnsaved = () => !isSent && (written > kept || Boolean(one("[data-conflict]")));

function typed() {
  const form = new FormData(sheet());
  form.delete("file");
  form.set("do", "check");
  return form;
}

/** Checked anew. While a row is edited, by a field of it: that leaves the fields as they are. */
const recheck = () => (one("[name^=row-]") ?? one("#text")).dispatchEvent(new Event("input", { bubbles: true }));

function refuse(xhr) {
  const isNowhere = xhr.status === 404 || (xhr.status === 403 && Boolean(deniedBy(xhr)));
  isRefused = true;
  one("#nowhere").hidden = !isNowhere;
  const said = one("#sheet-said");
  if (held !== null || said.textContent !== sheet().dataset.unsaved) announce(sheet().dataset.unsaved);
  held = null;
  said.textContent = sheet().dataset.unsaved;
  heard = sentences();
  clearTimeout(timer);
  if (!isNowhere) timer = setTimeout(recheck, AGAIN);
}

document.addEventListener("input", ({ target }) => {
  if (!target.closest?.("#call-sheet") || target.type === "file") return;
  written += 1;
  [held, isSent] = [null, false]; // who goes on typing has not left
});
document.addEventListener("htmx:beforeSend", (event) => isOurs(event) && asked.set(event.detail.xhr, written));
// Any other answer than the rows is none: the page stays, for it holds what was typed since the last check.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { status } = event.detail.xhr;
  one("#signed-out").hidden = status !== 401;
  if (status === 401 || (isOurs(event) && status !== 200)) event.preventDefault();
  if (isOurs(event) && status !== 200) refuse(event.detail.xhr);
});
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, (event) => isOurs(event) && refuse(event.detail.xhr));
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (!isOurs(event) || event.detail.xhr.status !== 200) return;
  kept = Math.max(kept, asked.get(event.detail.xhr) ?? 0);
  reckoned = performance.now();
  isRefused = false;
  one("#nowhere").hidden = true;
  clearTimeout(timer);
});
document.addEventListener("submit", (event) => {
  if (event.target !== sheet()) return;
  if (event.submitter?.id === "send" && written > kept) hold(event);
  else isSent = true;
});
addEventListener("pageshow", () => (isSent = false));

/** What fits is sent on the way; about the rest the browser asks first. */
addEventListener("beforeunload", (event) => {
  if (isUnsaved() && (isRefused || one("[data-conflict]") || !fits(typed()))) event.preventDefault();
});
addEventListener("pagehide", () => {
  if (!isUnsaved() || one("[data-conflict]")) return;
  renewToken();
  fetch(sheet().action, { method: "POST", body: typed(), headers: { "HX-Request": "true" }, keepalive: true });
});

// Heard -----------------------------------------------------------------------------------------------------------------

/** Without the time of a saving, which is no news. */
const textOf = (element) => element.textContent.trim().replace(/\s+/g, " ").replace(/ \d+:\d+$/, "");
const sentences = () => HEARD.flatMap((place) => all(place).map(textOf)).filter(Boolean);
let heard = sentences();

/** Once each, though the rows are drawn anew at every pause of typing. */
function sayNews() {
  const now = sentences();
  const news = now.filter((sentence) => !heard.includes(sentence));
  heard = now;
  if (news.length) announce([...news, textOf(one("#sheet-promise"))].filter(Boolean).join(". "));
}

/** The fields in hand stay as they are while the rest is drawn anew. */
function markCells() {
  for (const field of all("[name^=row-]")) {
    const error = document.getElementById(`${field.name}-error`);
    for (const [name, value] of [["aria-invalid", "true"], ["aria-describedby", error?.id]]) {
      if (error) field.setAttribute(name, value);
      else field.removeAttribute(name);
    }
  }
}

// An answer that was asked before a cell was typed in has the cell as it was then.
let cells = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  if (isOurs(event)) cells = all("[name^=row-]").map(({ id, value, selectionStart, selectionEnd }) => [id, value, selectionStart, selectionEnd]);
});

function fillCells() {
  for (const [id, value, ...selection] of cells) {
    const field = document.getElementById(id);
    if (!field || field.value === value) continue;
    field.value = value;
    if (field === document.activeElement) field.setSelectionRange?.(...selection);
  }
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (!isOurs(event)) return;
  if (quotedNow() !== quoted) drawPrices(parsed(event.detail.xhr.responseText));
  fillCells();
  markCells();
  if (!isSent && written <= kept && asked.get(event.detail.xhr) < kept) recheck(); // overtaken: it has drawn what is old
  if (held !== null && written <= kept) goOn();
  else sayNews();
  showConflict();
});

// In conflict -----------------------------------------------------------------------------------------------------------

const TYPES = "textarea, select, input:not([type=checkbox], [type=hidden], [type=file])";
let isShown = false;

/** Another window has changed the sheet: the choices have the focus, once nobody types. */
function showConflict() {
  const conflict = one("#conflict");
  if (!conflict) isShown = false;
  if (!conflict || isShown || document.activeElement.matches(TYPES)) return;
  isShown = true;
  conflict.focus();
}

document.addEventListener("focusout", ({ relatedTarget }) => {
  if (!relatedTarget && document.hasFocus()) setTimeout(showConflict); // a keyboard of a phone that is closed, too
});
showConflict();

// Promised --------------------------------------------------------------------------------------------------------------

const PROMISED = ["#sheet-problems", "#sheet-promise", "#send"];
const QUOTED = "#sheet-send [name=quoted]"; // prices that the page shows and a press sends back
const quotedNow = () => one(QUOTED).value;
let quoted = quotedNow();
let reckoned = performance.now();

/** What others do changes it: it stays true while somebody looks at the page, and nothing but it is drawn anew. */
async function reckon() {
  const isDue = performance.now() - reckoned >= RESTS && document.visibilityState === "visible";
  if (!isDue || isUnsaved() || isSent || held !== null || !one("#sheet-send[data-reckons]")) return;
  reckoned = performance.now();
  renewToken();
  const [form, then] = [typed(), written];
  form.set("do", "reckon");
  const answer = await fetch(sheet().action, { method: "POST", body: form, headers: { "HX-Request": "true" } }).catch(() => null);
  const text = answer?.ok ? await answer.text() : "";
  if (text && written === then && !isSent) drawPromised(parsed(text));
}

const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

function drawPromised(fresh) {
  const was = isOff();
  for (const place of PROMISED) {
    const [here, now] = [one(place), one(place, fresh)];
    if (textOf(here) !== textOf(now)) here.replaceChildren(...now.childNodes);
  }
  one(QUOTED).value = one(QUOTED, fresh).value;
  if (quotedNow() !== quoted) drawPrices(fresh);
  if (one("#send", fresh).ariaDisabled === "true") one("#send").ariaDisabled = "true";
  else one("#send").removeAttribute("aria-disabled");
  if (was === isOff()) heard = sentences();
  else sayNews();
}

/** In rows that are not drawn anew: they add up to what the button says. */
function drawPrices(fresh) {
  quoted = quotedNow();
  for (const price of all("#sheet-rows tr > .price", fresh)) {
    const here = one(`#${price.parentElement.id} > .price`);
    if (here) here.textContent = price.textContent;
  }
}

setInterval(reckon, RESTS / 6);
document.addEventListener("visibilitychange", reckon);

// Words -----------------------------------------------------------------------------------------------------------------

one("[data-word-about]").hidden = false;

/** What the director's language says with it, as the composer's panel has it: by pointer, finger and keyboard. */
for (const name of ["pointerover", "focusin"]) {
  document.addEventListener(name, ({ target }) => {
    const word = target.closest?.("[data-word]");
    if (word) one("[data-word-about]").textContent = `${word.dataset.word}: ${word.title}`;
  });
}

// Keys ------------------------------------------------------------------------------------------------------------------

const isOff = () => one("#send").ariaDisabled === "true";

function sayAll() {
  heard = sentences();
  announce([...heard, textOf(one("#sheet-promise"))].filter(Boolean).join(". "));
}

/** A press that cannot be: what is wrong is said again. */
function send() {
  if (!isOff() || written > kept) one("#send").click();
  else sayAll();
}

/** Nobody pays a price that they were not shown: a press that comes before it is reckoned waits for it. */
function hold(event) {
  event.preventDefault();
  recheck();
  held = textOf(one("#send"));
}

/** What is reckoned now is sent if it is what the button said when it was pressed. */
function goOn() {
  const isSame = held === textOf(one("#send"));
  held = null;
  if (isSame && !isOff()) return one("#send").click();
  if (!isOff()) one("#sheet-promise").prepend(`${sheet().dataset.again} `);
  sayAll();
}

// Enter in a cell keeps its row, where the form's first button would only check it.
document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !isForeign(event)) one("#keys").showModal();
  if (event.key !== "Enter" || event.isComposing || !event.target.closest?.("#call-sheet")) return;
  const isSend = event.ctrlKey || event.metaKey;
  if (!isSend && !event.target.matches("input[name^=row-]")) return;
  event.preventDefault();
  if (isSend) send();
  else one("#save-row").click();
});
