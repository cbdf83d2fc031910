// The composer's audio: uploaded as soon as it is chosen, trimmed, used again, removed. Answers are lanes drawn by the server.
import { fold, setSeconds } from "./board.js";
import { drawLane, hasSound, lane, snapCuts, stop } from "./lane.js";
import { announce, facts, fill, one } from "./page.js";

const LOOK = 1000;
const SOON = 250; // most files are heard within a second
const LOOKS = 90;
let [sending, refused, looks, undo] = [null, "", 0, null];
let wanted = 0; // counts what was asked of the lane: an answer that something else has overtaken is not shown

/** Sentences about sound that cannot be sent yet. */
export const soundComplaints = () => [sending ? facts().words.uploading : "", refused, lane().dataset.trouble ?? ""].filter(Boolean);

const changed = () => lane().dispatchEvent(new Event("input", { bubbles: true }));
const name = (text) => (one("[data-name]", one("#composer-audio")).textContent = text);

function say(text, { without = false, undoable = null } = {}) {
  const note = one("[data-sound-note]");
  note.hidden = !text;
  one("span", note).textContent = text;
  one("[data-without-sound]", note).hidden = !without;
  one("[data-undo-snap]", note).hidden = !undoable;
  undo = undoable;
}

/** The lane of the answer takes the place of the one that is there. */
function show(html) {
  stop();
  refused = "";
  say("");
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("#sound");
  lane().replaceWith(fresh);
  one("#audio").value = "";
  name(facts().words[hasSound() ? "audioOther" : "audioName"]);
  one("#audio_error")?.remove();
  look({ again: true });
  drawLane();
  changed();
}

function refuse(text) {
  refused = text;
  one("#audio").value = "";
  name(facts().words[hasSound() ? "audioOther" : "audioName"]);
  say(text, { without: true });
  announce(text);
  changed();
}

const form = (values) => {
  const data = new FormData();
  for (const field of ["csrfmiddlewaretoken", "project"]) data.set(field, one(`#composer [name=${field}]`).value);
  for (const [field, value] of Object.entries(values)) data.set(field, value);
  return data;
};

/** What to say of an answer that is no lane: its own sentence, if it has one. */
const sentence = ({ status }, text) =>
  [422, 429].includes(status) ? new DOMParser().parseFromString(text, "text/html").body.textContent.trim() : facts().words[status ? "soundGone" : "soundLost"];

/** Answers with the lane or a sentence; the sentence is thrown. */
async function ask(address, options) {
  const response = await fetch(address, { headers: { "HX-Request": "true" }, ...options }).catch(() => null);
  const text = response ? await response.text() : "";
  if (response?.ok) return text;
  throw new Error(sentence(response ?? { status: 0 }, text));
}

/** What is under way is not wanted any more; an upload that is cut off is nothing to tell of. */
function overtake() {
  const request = sending;
  sending = null;
  wanted += 1;
  request?.abort();
}

/** Shows the lane of the answer, unless something else was wanted meanwhile; answers whether it did. */
async function change(address, options) {
  wanted += 1;
  const turn = wanted;
  try {
    const html = await ask(address, options);
    if (turn === wanted) show(html);
  } catch (error) {
    if (turn === wanted) throw error;
  }
  return turn === wanted;
}

// Up and away -----------------------------------------------------------------------------------------------------------

function upload(file) {
  fold(false);
  const { words, audioBytes } = facts();
  overtake();
  if (file.size > audioBytes) return refuse(fill(words.audio, { size: (file.size / 2 ** 20).toFixed(1) }));
  const request = new XMLHttpRequest(); // fetch tells nothing of what has left
  const progress = (part) => name(part < 1 ? fill(words.uploaded, { percent: Math.floor(part * 100) }) : words.checking);
  request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded / total));
  request.addEventListener("loadend", () => {
    if (sending !== request) return;
    sending = null;
    wanted += 1;
    if (request.status === 200) {
      show(request.responseText);
      announce(words.soundThere);
    } else refuse(sentence(request, request.responseText));
  });
  sending = request;
  refused = "";
  say("");
  progress(0);
  request.open("POST", one("#audio").dataset.upload);
  request.setRequestHeader("HX-Request", "true");
  request.send(form({ audio: file }));
  changed();
}

/** Without the refused file: with the sound that was there before it, if one was. */
function goOn() {
  if (!hasSound()) return forget();
  refused = "";
  say("");
  changed();
  one("#audio").focus();
}

function forget() {
  overtake();
  refused = "";
  const empty = lane().cloneNode();
  for (const key of Object.keys(empty.dataset)) delete empty.dataset[key];
  empty.hidden = true;
  const field = one("[name=audio_id]").cloneNode();
  field.value = "";
  empty.append(field);
  show(empty.outerHTML);
  one("#audio").focus();
}

async function trim() {
  const { words } = facts();
  const values = Object.fromEntries(["trim-from", "trim-to"].map((field) => [field, one(`[name=${field}]`).value]));
  try {
    if (!(await change(one(".trim").dataset.trim, { method: "POST", body: form(values) }))) return;
    announce(fill(words.trimmed, { seconds: Number(lane().dataset.seconds).toFixed(1) }));
    one(".trim summary").focus();
  } catch (error) {
    say(error.message);
    announce(error.message);
  }
}

async function use(address) {
  one("#sounds").hidePopover();
  overtake();
  try {
    if (await change(address)) one("[data-play]", lane()).focus();
  } catch (error) {
    refuse(error.message);
  }
}

async function openEarlier(button) {
  const menu = one("#sounds");
  try {
    menu.innerHTML = await ask(button.dataset.openSounds);
  } catch (error) {
    menu.textContent = error.message;
  }
  menu.showPopover({ source: button });
  one("button", menu)?.focus();
}

/** Until the worker has listened to it; then only the waveforms change, so that nothing in hand is lost. */
function look({ again = false } = {}) {
  if (again) looks = 0;
  if (!("due" in lane().dataset) || (looks += 1) > LOOKS) return;
  const sound = lane();
  setTimeout(async () => {
    if (sound !== lane()) return;
    const html = document.visibilityState === "visible" ? await ask(sound.dataset.lane).catch(() => "") : "";
    const fresh = html && sound === lane() ? new DOMParser().parseFromString(html, "text/html").querySelector("#sound") : null;
    if (fresh && !("due" in fresh.dataset)) {
      for (const place of ["[data-wave]", "[data-window]"]) one("svg, .drawing", one(place, sound)).replaceWith(one("svg, .drawing", one(place, fresh)));
      sound.dataset.quiet = fresh.dataset.quiet;
      delete sound.dataset.due;
      drawLane();
    } else look();
  }, Math.min(LOOK, SOON * looks));
}

// Listening -------------------------------------------------------------------------------------------------------------

const PRESSES = [
  ["[data-remove-audio]", forget],
  ["[data-without-sound]", goOn],
  ["[data-trim-audio]", trim],
  ["[data-whole-audio]", async () => use(one(".trim").dataset.whole)],
  ["[data-use-audio]", (button) => use(button.dataset.useAudio)],
  ["[data-open-sounds]", openEarlier],
  ["[data-snap]", () => { const { said, lengths } = snapCuts(); say(said, { undoable: lengths }); }],
  ["[data-undo-snap]", () => { setSeconds(undo); say(""); one("[data-snap]").focus(); }],
];

document.addEventListener("click", (event) => {
  for (const [selector, act] of PRESSES) {
    const button = event.target.closest?.(selector);
    if (!button || !one("#composer")) continue;
    event.preventDefault();
    act(button);
    return;
  }
});
document.addEventListener("change", ({ target }) => {
  if (target.id === "audio" && target.files[0]) upload(target.files[0]);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.matches?.("[name^=trim-]")) return;
  event.preventDefault(); // would press Generate
  trim();
});
document.addEventListener("htmx:afterSettle", () => one("#composer") && look({ again: true }));
if (one("#composer")) look();
