// The composer says at once what the server would say: counters, price, why the button is off; and it arranges shots.
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const length = (text) => [...text].length;
const NEAR = 0.9;

const composer = () => one("#composer");
const facts = () => JSON.parse(composer().dataset.facts);
const isOpen = () => !one("#board").disabled;
const shots = () => (isOpen() ? all("[data-shot]", one("#shots")) : []);
const secondsOf = (shot) => Number(one("input", shot).value) || 0;

// What Wan receives, as generations/shots.py writes it.
const HAN = /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/gu;

function isChinese(text) {
  const characters = (text.match(HAN) ?? []).length;
  const words = (text.replace(HAN, " ").match(/\p{L}+/gu) ?? []).length;
  return characters > 0 && characters >= words;
}

function compile() {
  const overall = one("#prompt").value.trim();
  const written = shots().map((shot) => [one("textarea", shot).value.trim(), secondsOf(shot)]).filter(([text]) => text);
  if (!written.length) return [["", overall]];
  const chinese = isChinese([overall, ...written.map(([text]) => text)].join("\n"));
  const lines = overall ? [["", overall]] : [];
  if (written.length === 1) return [...lines, [chinese ? "生成单镜头视频。" : "Generate single shot. ", written[0][0]]];
  const timed = written.every(([, seconds]) => seconds > 0);
  let at = 0;
  written.forEach(([text, seconds], index) => {
    const times = chinese ? `[${at}-${at + seconds}秒]` : ` [${at}-${at + seconds}s]`;
    const name = chinese ? `第${index + 1}个镜头` : `Shot ${index + 1}`;
    lines.push([`${name}${timed ? times : ""} `, text]);
    at += seconds;
  });
  return lines;
}

function showCompiled(lines) {
  one("#compiled").replaceChildren(...lines.flatMap(([head, text], index) => {
    const bold = document.createElement("b");
    bold.textContent = head;
    return [index ? "\n" : "", bold, text];
  }));
}

function count(counter, used, limit) {
  if (!counter) return;
  counter.value = `${used}/${limit}`;
  counter.classList.toggle("near", used > limit * NEAR && used <= limit);
  counter.classList.toggle("over", used > limit);
}

function reason(known, used, negative, sum) {
  const { words } = known;
  const duration = Number(one("#duration").value);
  const file = one("#audio").files[0];
  if (!known.ready) return words.setup;
  if (!used) return words.prompt;
  if (used > known.promptLimit) return fill(words.tooLong, { count: used - known.promptLimit });
  if (negative > known.negativeLimit) return fill(words.negative, { count: negative - known.negativeLimit });
  if (sum > known.durationMax) return fill(words.sum, { sum });
  if (!Number.isInteger(duration) || duration < known.durationMin || duration > known.durationMax) {
    return fill(words.duration, { least: known.durationMin, most: known.durationMax });
  }
  if (file && file.size > known.audioBytes) return fill(words.audio, { size: (file.size / 2 ** 20).toFixed(1) });
  return "";
}

function price(known) {
  const each = known.prices?.[one("#resolution").value];
  const [seconds, takes] = [Number(one("#duration").value), Number(one("#takes").value)];
  if (!each || !(seconds > 0)) return "";
  const amount = (Number(each) * seconds * takes).toLocaleString(document.documentElement.lang, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  return ` · ${known.sign}\u00a0${amount}`;
}

function setText(selector, text) {
  const element = one(selector);
  if (element.textContent !== text) element.textContent = text;
}

function layOut(known) {
  const cards = shots();
  const sum = cards.reduce((total, shot) => total + secondsOf(shot), 0);
  const bar = one(".proportions");
  bar.replaceChildren(...cards.map((shot) => {
    const part = document.createElement("i");
    part.style.setProperty("--secs", secondsOf(shot));
    return part;
  }));
  const left = Math.max(0, known.durationMax - sum);
  bar.style.setProperty("--left", left);
  const duration = one("#duration");
  duration.readOnly = isOpen() && cards.length > 0;
  if (duration.readOnly) duration.value = Math.max(known.durationMin, Math.min(known.durationMax, sum));
  setText("[data-left]", isOpen() ? fill(known.words.left, { seconds: left }) : "");
  one("[data-add-shot]").hidden = cards.length >= known.durationMax || left === 0;
  return sum;
}

function fit(known) {
  const audio = one("#composer-audio");
  const note = one("[data-fit]");
  const [sound, duration] = [Number(audio.dataset.seconds), Number(one("#duration").value)];
  if (!sound || !duration) return;
  const longer = sound > duration + 0.25;
  const shorter = sound < duration - 0.25;
  const tenth = (number) => number.toFixed(1).replace(/\.0$/, "");
  const words = longer ? known.words.cut : known.words.silent;
  note.hidden = !longer && !shorter;
  one("span", note).textContent = note.hidden ? "" : fill(words, { duration, seconds: tenth(longer ? sound : duration - sound) });
}

function update() {
  if (!composer()) return;
  const known = facts();
  const sum = layOut(known);
  const lines = compile();
  const used = length(lines.map(([head, text]) => head + text).join("\n"));
  const negative = length(one("#negative_prompt").value);
  count(one("#prompt-counter"), used, known.promptLimit);
  count(one("#compiled-counter"), used, known.promptLimit);
  count(one("#negative-counter"), negative, known.negativeLimit);
  if (isOpen()) showCompiled(lines);
  fit(known);
  const why = reason(known, used, negative, sum);
  setText("#blocked", why);
  one("#blocked").hidden = !why;
  setText("#summary", fill(known.words.summary, { seconds: one("#duration").value, resolution: one("#resolution").value }));
  one("#summary").hidden = Boolean(why);
  const button = one("#generate");
  if (why) button.ariaDisabled = "true";
  else button.removeAttribute("aria-disabled");
  setText("#price", price(known));
}

// Shots -----------------------------------------------------------------------------------------------------------------

function renumber() {
  const known = facts();
  all("[data-shot]", one("#shots")).forEach((shot, index) => {
    for (const field of all("[name^=shots-]", shot)) {
      const label = one(`[for="${field.id}"]`, shot);
      field.name = field.name.replace(/shots-(\d+|__prefix__)/, `shots-${index}`);
      field.id = field.id.replace(/shots-(\d+|__prefix__)/, `shots-${index}`);
      if (label) label.htmlFor = field.id;
    }
    one("[data-shot-name]", shot).textContent = fill(known.words.shot, { number: index + 1 });
    one("[data-remove-shot]", shot).ariaLabel = fill(known.words.remove, { number: index + 1 });
  });
  one("[name=shots-TOTAL_FORMS]").value = all("[data-shot]", one("#shots")).length;
}

function addShot(seconds) {
  const shot = one("#shot-template").content.cloneNode(true).firstElementChild;
  one("#shots").append(shot);
  one("input", shot).value = seconds;
  renumber();
  return shot;
}

function openBoard(open) {
  composer().classList.toggle("open", open);
  one("#board").disabled = !open;
  for (const piece of all("[data-board]")) piece.hidden = !open;
  for (const piece of all("[data-closed]")) piece.hidden = open;
  if (open && !all("[data-shot]", one("#shots")).length) [3, 3, 3].forEach(addShot);
  update();
  if (open) one("textarea", one("#shots"))?.focus();
  else one("#prompt").focus();
}

function removeShot(shot) {
  const next = shot.nextElementSibling ?? shot.previousElementSibling;
  shot.remove();
  renumber();
  update();
  (next ? one("textarea", next) : one("[data-add-shot]"))?.focus();
}

function nextShot() {
  const sum = shots().reduce((total, shot) => total + secondsOf(shot), 0);
  const shot = addShot(Math.max(1, Math.min(3, facts().durationMax - sum)));
  update();
  one("textarea", shot).focus();
}

// Audio and scene -------------------------------------------------------------------------------------------------------

function forgetAudio() {
  const chip = one("#composer-audio");
  one("#audio").value = "";
  one("[name=audio_id]").value = "";
  delete chip.dataset.seconds;
  one("[data-name]", chip).textContent = facts().words.audioName;
  one("[data-remove-audio]").hidden = true;
  one("[data-fit]").hidden = true;
  one("#audio_error")?.remove();
  update();
  one("#audio").focus();
}

function choseAudio(file) {
  const chip = one("#composer-audio");
  if (!file) return;
  one("[name=audio_id]").value = "";
  delete chip.dataset.seconds;
  one("[data-name]", chip).textContent = file.name.length > 24 ? `${file.name.slice(0, 23)}…` : file.name;
  one("[data-remove-audio]").hidden = false;
  one("[data-fit]").hidden = true;
}

function joinScene(uuid, name) {
  one("[data-scene]").value = uuid;
  one("[data-scene-name]").textContent = name;
  one("[data-scene-note]").hidden = !uuid;
  one("#prompt").focus();
}

// Listening -------------------------------------------------------------------------------------------------------------

const PRESSES = [
  ["[data-open-board]", () => openBoard(true)],
  ["[data-close-board]", () => openBoard(false)],
  ["[data-add-shot]", nextShot],
  ["[data-remove-shot]", (button) => removeShot(button.closest("[data-shot]"))],
  ["[data-remove-audio]", forgetAudio],
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
    one("#prompt").focus();
  }
});

document.addEventListener("input", ({ target }) => {
  if (!target.closest?.("#composer")) return;
  if (target.id === "audio") choseAudio(target.files[0]);
  if (target.id === "prompt" && !target.value && !isOpen() && one("[data-scene]").value) joinScene("", "");
  if (target.ariaInvalid === "true") {
    target.removeAttribute("aria-invalid");
    document.getElementById(`${target.id}_error`)?.remove();
  }
  update();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.closest?.("#composer")) return;
  event.preventDefault();
  if (one("#generate").ariaDisabled !== "true") composer().requestSubmit(one("#generate"));
});

// The answer to a press: sentences stand beside their fields and the first wrong one has the focus.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (!composer()) return;
  if (detail.xhr?.status === 422) one("#composer [aria-invalid=true]")?.focus();
  update();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.id !== "composer" || detail.xhr?.status !== 200) return;
  one("#composer-errors")?.remove();
  for (const field of all("#composer [aria-invalid]")) field.removeAttribute("aria-invalid");
});

update();
