// The sound lane: what Wan makes of the sound at this length, playing it, choosing a part of it, cuts on its silences.
import { cards, readShots, setSeconds } from "./board.js";
import { all, announce, facts, fill, follow, one } from "./page.js";
import { snapped } from "./shots.js";

const WORDS_FIT = 0.5;
const STEP = 0.1;

export const lane = () => one("#sound");
export const hasSound = () => Boolean(lane().dataset.seconds);
const tenth = (seconds) => seconds.toFixed(1);
const shown = (seconds) => tenth(seconds).replace(/\.0$/, "");
let drawn = "";

/** Everything that depends on shots and duration. Cheap when nothing has changed: it is called for every key. */
export function drawLane() {
  const sound = lane();
  if (!hasSound()) return;
  const [length, typed] = [Number(sound.dataset.seconds), Number(one("#duration").value) || 0];
  const total = typed > facts().durationMax ? 0 : typed; // of no clip that there could be
  const cuts = cards().slice(1).map((card) => card.style.getPropertyValue("--from"));
  const key = [sound.dataset.lane, length, total, sound.dataset.quiet, ...cuts].join();
  if (key === drawn && all("i", sound).length === cuts.length) return;
  drawn = key;
  const { words } = facts();
  const wave = one("[data-wave]", sound);
  wave.style.setProperty("--total", total);
  for (const line of all("i", wave)) line.remove();
  wave.append(...cuts.map((second) => {
    const line = document.createElement("i");
    line.style.setProperty("--at", second);
    return line;
  }));
  const [cut, silent] = [total ? length - total : 0, total ? total - length : 0];
  stretch(one("[data-cut]", wave), cut, words.cutMark);
  stretch(one("[data-silent]", wave), silent, words.silentMark);
  const fit = one("[data-fit]", sound);
  const isLonger = cut > facts().audible && !sound.dataset.trouble;
  const isShorter = silent > facts().audible;
  fit.hidden = !isLonger && !isShorter;
  fit.textContent = fit.hidden ? "" : fill(isLonger ? words.cut : words.silent, { duration: total, seconds: shown(isLonger ? length : silent) });
  wave.ariaLabel = `${one("b", sound).textContent}. ${fit.textContent}`;
  one("[data-snap]", sound).hidden = !cuts.length || !sound.dataset.quiet || Boolean(one("[data-shot][data-locked]"));
}

function stretch(element, seconds, words) {
  element.hidden = seconds <= 0;
  element.textContent = seconds >= WORDS_FIT ? fill(words, { seconds: tenth(seconds) }) : "";
}

// Silences --------------------------------------------------------------------------------------------------------------

/** Why no cut was moved, as generations/lane.py says it. */
function unmoved(lengths, quiet) {
  const { words } = facts();
  if (!lengths.every(Boolean)) return words.noLengths;
  let end = 0;
  const cuts = lengths.slice(0, -1).map((length) => (end += length));
  return cuts.every((cut) => quiet.includes(cut)) ? words.inSilence : words.noSilence;
}

/** Moves the cuts; returns the lengths from before, or null when none moved. */
export function snapCuts() {
  const { words } = facts();
  const lengths = readShots().map((shot) => shot.seconds);
  const quiet = lane().dataset.quiet.split(" ").map(Number);
  const fitting = lengths.every(Boolean) ? snapped(lengths, quiet) : lengths;
  let [before, after] = [0, 0];
  const count = lengths.filter((length, index) => (before += length) !== (after += fitting[index])).length;
  const said = count ? fill(count === 1 ? words.snappedOne : words.snapped, { count }) : unmoved(lengths, quiet);
  if (count) setSeconds(fitting);
  announce(said);
  return { said, lengths: count ? lengths : null };
}

// Playing ---------------------------------------------------------------------------------------------------------------

const player = new Audio();
player.preload = "none";
let [pressed, until, head] = [null, Infinity, null];

export function stop() {
  player.pause();
}

function play(button, { file, from = 0, to = Infinity, wave }) {
  const isSame = pressed === button && !player.paused;
  stop();
  if (isSame) return;
  [pressed, until, head] = [button, to, one("[data-playhead]", wave)];
  if (!player.src.endsWith(file)) player.src = file;
  player.currentTime = from;
  player.play().then(showPlaying, () => announce(facts().words.unplayable));
}

function showPlaying() {
  const isPlaying = !player.paused && !player.ended;
  for (const button of all("#sound [data-play]")) {
    const mine = isPlaying && button === pressed;
    button.ariaPressed = String(mine);
    const icon = one("use", button);
    icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, mine ? "#pause" : "#play"));
  }
  if (!head) return;
  head.hidden = !isPlaying;
  head.style.setProperty("--at", player.currentTime.toFixed(3));
  if (player.currentTime >= until || !head.isConnected) stop();
  else if (isPlaying) requestAnimationFrame(showPlaying);
}
for (const name of ["pause", "ended"]) player.addEventListener(name, showPlaying);

function pressPlay(button, from) {
  const trim = one(".trim", lane());
  const wave = one(button.dataset.play === "part" ? "[data-window]" : "[data-wave]", lane());
  if (button.dataset.play === "part") play(button, { file: trim.dataset.file, ...part(), wave });
  else play(button, { file: lane().dataset.file, from, wave });
}

// A part of it ----------------------------------------------------------------------------------------------------------

const fields = () => [one("[name=trim-from]"), one("[name=trim-to]")];
const part = () => {
  const [from, to] = fields().map((field) => Number(field.value));
  return { from, to };
};

/** `held` is the edge that gives way when the part would be too short or too long: "from", "to" or "both". */
function choose(from, to, held) {
  const frame = one("[data-window]");
  const [least, most, all_] = ["least", "most", "seconds"].map((name) => Number(frame.dataset[name]));
  const length = Math.min(most, Math.max(least, to - from), all_);
  if (held === "both") from = Math.max(0, Math.min(from, all_ - length));
  else if (held === "from") from = Math.max(0, Math.min(from, all_ - least));
  else from = Math.max(0, Math.min(to, all_) - length);
  if (held === "to") to = Math.min(all_, Math.max(to, least));
  else to = Math.min(all_, from + length);
  if (held === "from" && to - from < least) from = Math.max(0, to - least);
  const [first, second] = fields();
  [first.value, second.value] = [tenth(from), tenth(to)];
  showPart();
}

function showPart() {
  const { from, to } = part();
  const frame = one("[data-window]");
  frame.style.setProperty("--begin", from);
  frame.style.setProperty("--end", Math.max(from, to));
  for (const edge of all("[data-edge]", frame)) {
    const seconds = edge.dataset.edge === "from" ? from : to;
    edge.ariaValueNow = tenth(seconds);
    edge.ariaValueText = fill(facts().words.long, { seconds: tenth(seconds) });
  }
}

function grab(event, held) {
  event.preventDefault();
  event.target.focus?.();
  const frame = one("[data-window]");
  const perPixel = Number(frame.dataset.seconds) / frame.clientWidth;
  const { from, to } = part();
  follow(({ clientX }) => {
    const by = (clientX - event.clientX) * perPixel;
    choose(held === "to" ? from : from + by, held === "from" ? to : to + by, held);
  });
}

const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -1e6, End: 1e6 };

document.addEventListener("keydown", (event) => {
  const held = event.target.dataset?.edge;
  if (!held || !(event.key in STEPS)) return;
  event.preventDefault();
  const by = STEPS[event.key] * STEP * (event.shiftKey ? 10 : 1);
  const { from, to } = part();
  choose(held === "from" ? from + by : from, held === "to" ? to + by : to, held);
});
document.addEventListener("input", ({ target }) => {
  if (target.matches("[name^=trim-]")) showPart();
});
document.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  const held = event.target.dataset?.edge ?? ("move" in (event.target.dataset ?? {}) ? "both" : null);
  if (held) grab(event, held);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#sound [data-play]"); // the lightbox plays films by buttons of this name
  const wave = event.target.closest?.("#sound [data-wave]");
  if (button) pressPlay(button, 0);
  else if (wave) {
    const second = wave.clientWidth / Number(getComputedStyle(wave).getPropertyValue("--scale"));
    const from = (event.clientX - wave.getBoundingClientRect().left) / second;
    if (from < Number(lane().dataset.seconds)) pressPlay(one("[data-play]", lane()), from);
  }
});
