// A list of timed shots and the text Wan reads it from, both ways: what generations/shots.py does, to the character.
// Python's idea of white space and of words is spelled out, JavaScript's differs at the edges.
const HAN = "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WORDS = "\\p{L}\\p{N}_";
const HAN_CHARACTER = new RegExp(`[${HAN}]`, "gu");
const OTHER_WORD = /[\p{L}\p{Nl}\p{No}]+/gu;
const IS_BLANK = new RegExp(`[${BLANK}]`, "u");
const EDGES = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, "gu");

const SINGLE = { en: "Generate single shot.", zh: "生成单镜头视频。" };
const TIMED = { en: (n, start, end) => `Shot ${n} [${start}-${end}s]`, zh: (n, start, end) => `第${n}个镜头[${start}-${end}秒]` };
const PLAIN = { en: (n) => `Shot ${n}`, zh: (n) => `第${n}个镜头` };
const OWN_MARK =
  /^(?:(?:Shot [0-9]{1,3} \[([0-9]{1,5})-([0-9]{1,5})s\]|第[0-9]{1,3}个镜头\[([0-9]{1,5})-([0-9]{1,5})秒\]|Generate single shot\.)(?: |$)|生成单镜头视频。)/u;

const GAP = `[${BLANK}]{0,3}`;
const SECONDS = `([0-9]{1,3}(?:\\.[0-9]{1,3})?)${GAP}(?:s|sec|seconds|秒)?`;
const TIMES = `${GAP}[\\[【(（]${GAP}${SECONDS}${GAP}[\\-–—~～至到]${GAP}${SECONDS}${GAP}[\\]】)）]`;
const NUMBER = "([0-9]{1,3}|[一二三四五六七八九十]{1,3})";
const SHOT = "(?:镜头|鏡頭)";
const ANY_MARK = new RegExp(
  `(?:第${GAP}${NUMBER}${GAP}[个個]?${GAP}${SHOT}|${SHOT}${GAP}${NUMBER}|(?<![A-Za-z])shot${GAP}#?([0-9]{1,3}))` +
    `(?![0-9])(?:(?:${GAP}[:：])?${TIMES})?${GAP}[:：]?`,
  "giu",
);
const ANY_SINGLE = new RegExp(
  `生成(?:单|單)${SHOT}(?:视频|視頻|影片)?[。.，,：:]?|(?<![${WORDS}])generate (?:a )?single[\\- ]shot(?: video)?(?![${WORDS}])[.,:]?`,
  "iu",
);
const BETWEEN = /[ \t\r\n，,；;、]+$/u;
const HAN_DIGITS = "零一二三四五六七八九";
const COUNTS_KEPT = 64; // texts
const FAR = 3; // a cut moves to a silence up to so many seconds away

/** Without white space at its ends. Most texts have none, and they are many for one key. */
export function clean(text) {
  const isClean = text && !IS_BLANK.test(text[0]) && !IS_BLANK.test(text.at(-1)) && !text.includes("\r");
  return isClean ? text : text.replace(/\r\n?/g, "\n").replace(EDGES, "");
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

const counts = new Map();

/** How many Chinese characters and other words; known of the shots in which no key was pressed. */
function countsOf(text) {
  if (counts.has(text)) return counts.get(text);
  if (counts.size > COUNTS_KEPT) counts.clear();
  const characters = (text.match(HAN_CHARACTER) ?? []).length;
  const words = (text.replace(HAN_CHARACTER, " ").match(OTHER_WORD) ?? []).length;
  counts.set(text, [characters, words]);
  return [characters, words];
}

/** "zh" when there are at least as many Chinese characters as other words, else "en". */
export function language(...texts) {
  const some = texts.map(countsOf);
  const [characters, words] = [0, 1].map((kind) => sum(some.map((pair) => pair[kind])));
  return characters && characters >= words ? "zh" : "en";
}

/** Pairs of mark and text, a line each; `shots` are objects with text and seconds. Without shots the overall text. */
export function compiledLines(overall, shots) {
  if (!shots.length) return [["", overall]];
  const whole = clean(overall);
  const texts = shots.map((shot) => clean(shot.text));
  const spoken = language(whole, ...texts);
  const marks = shots.length === 1 ? [SINGLE[spoken]] : marksOf(shots, spoken);
  const gap = shots.length === 1 && spoken === "zh" ? "" : " ";
  const lines = texts.map((text, index) => {
    const shot = shielded(text, 1);
    return shot.replace(/^ +$/, "") ? [marks[index] + gap, shot.replace(/ +$/, "")] : [marks[index], ""];
  });
  return whole ? [["", shielded(whole, 0)], ...lines] : lines;
}

export function compilePrompt(overall, shots) {
  return compiledLines(overall, shots).map(([mark, text]) => mark + text).join("\n");
}

function marksOf(shots, spoken) {
  const timed = shots.every((shot) => shot.seconds > 0);
  let end = 0;
  return shots.map((shot, index) => {
    const start = end;
    end += shot.seconds;
    return timed ? TIMED[spoken](index + 1, start, end) : PLAIN[spoken](index + 1);
  });
}

const looksOwn = (line) => OWN_MARK.test(line.replace(/^ +/, ""));
const shielded = (text, first) =>
  text.split("\n").map((line, index) => (index >= first && looksOwn(line) ? ` ${line}` : line)).join("\n");
const unshielded = (line) => (line.startsWith(" ") && looksOwn(line) ? line.slice(1) : line);

/** Whether it says in words that there is one shot. */
export const asksForSingle = (text) => ANY_SINGLE.test(text);

const READ_MOST = 100; // a form keeps no more

/** { overall, shots, warnings } with names of warnings, or null when the text holds no shots, or too many. */
export function parsePrompt(text, seconds = 0) {
  const found = read(text, seconds);
  return found && found.shots.length <= READ_MOST ? found : null;
}

function read(text, seconds) {
  for (const written of [clean(text), ` ${clean(text)}`]) {
    const own = parseOwn(written, seconds);
    if (own && compilePrompt(own.overall, own.shots) === written) return own;
  }
  const marks = [...text.matchAll(ANY_MARK)].map(readMark);
  const timed = marks.filter((mark) => mark.times && mark.times[1] > mark.times[0]);
  if (timed.length) return parseTimed(text, timed, marks.filter((mark) => mark.times).length - timed.length);
  const counted = inOrder(marks);
  return counted.length > 1 ? parseCounted(text, counted, seconds) : parseSingle(text, seconds);
}

function parseOwn(text, seconds) {
  const blocks = [[]];
  const lengths = [];
  for (const line of text.split("\n")) {
    const match = line.match(OWN_MARK);
    if (!match) {
      blocks.at(-1).push(unshielded(line));
      continue;
    }
    const times = match.slice(1).filter((time) => time !== undefined).map(Number);
    lengths.push(times.length ? times[1] - times[0] : seconds);
    blocks.push([line.slice(match[0].length)]);
  }
  const [overall, ...texts] = blocks.map((block) => block.join("\n"));
  return texts.length ? parsed(overall, texts, lengths) : null;
}

const parsed = (overall, texts, lengths, warnings = []) => ({
  overall,
  shots: texts.map((text, index) => ({ text, seconds: lengths[index] })),
  warnings,
});

function readMark(match) {
  const [whole, first, second, third, start, end] = match;
  const number = first ?? second ?? third;
  return {
    begin: match.index,
    end: match.index + whole.length,
    number: /^[0-9]+$/.test(number) ? Number(number) : hanNumber(number),
    times: start ? [Number(start), Number(end)] : null,
  };
}

function hanNumber(digits) {
  const at = digits.lastIndexOf("十");
  const [tens, ones] = at < 0 ? ["", digits] : [digits.slice(0, at), digits.slice(at + 1)];
  if (tens.length > 1 || ones.length > 1) return 0;
  return (at < 0 ? 0 : HAN_DIGITS.indexOf(tens || "一") * 10) + HAN_DIGITS.indexOf(ones || "零");
}

function inOrder(marks) {
  const counted = [];
  for (const mark of marks) if (mark.number === counted.length + 1) counted.push(mark);
  return counted;
}

function parseTimed(text, marks, backwards) {
  let [now, overlapping, fractional] = [0, false, false];
  const lengths = marks.map(({ times: [start, end] }) => {
    const begin = Math.floor(start + 0.5);
    overlapping ||= begin < now;
    fractional ||= start % 1 > 0 || end % 1 > 0;
    const from = Math.min(begin, now);
    now = Math.floor(end + 0.5);
    return Math.max(1, now - from);
  });
  const renumbered = marks.some((mark, index) => mark.number !== index + 1);
  const found = { overlapping, backwards: backwards > 0, fractional, renumbered };
  const [overall, texts] = between(text, marks);
  return parsed(overall, texts, lengths, Object.keys(found).filter((name) => found[name]));
}

function parseCounted(text, marks, seconds) {
  const [overall, texts] = between(text, marks);
  const end = (index) => Math.floor((seconds * index) / marks.length);
  const lengths = marks.map((_mark, index) => (seconds >= marks.length ? end(index + 1) - end(index) : 0));
  return parsed(overall, texts, lengths);
}

function between(text, marks) {
  const texts = marks.map((mark, index) => {
    const next = marks[index + 1];
    return clean(next ? text.slice(mark.end, next.begin).replace(BETWEEN, "") : text.slice(mark.end));
  });
  return [clean(text.slice(0, marks[0].begin)), texts];
}

function parseSingle(text, seconds) {
  const match = text.match(ANY_SINGLE);
  if (!match) return null;
  const [before, after] = [clean(text.slice(0, match.index)), clean(text.slice(match.index + match[0].length))];
  return after ? parsed(before, [after], [seconds]) : parsed("", [before], [seconds]);
}

/** Shots of at least a second each in the proportions of `lengths`, as generations/proof.py makes them. */
export function shortened(lengths, seconds) {
  const total = sum(lengths);
  if (!lengths.every(Boolean) || total <= seconds) return [...lengths];
  let [end, before] = [0, 0];
  return lengths.map((length, index) => {
    end += length;
    const latest = Math.max(seconds, lengths.length) - (lengths.length - 1 - index);
    const start = before;
    before = Math.max(start + 1, Math.min(Math.floor((end * seconds) / total + 0.5), latest));
    return before - start;
  });
}

/** Lengths whose cuts were moved to the nearest quiet second, in the same order and sum, as in generations/lane.py. */
export function snapped(lengths, quiet) {
  let sum = 0;
  const cuts = lengths.map((length) => (sum += length));
  let last = 0;
  cuts.slice(0, -1).forEach((cut, index) => {
    const latest = sum - (cuts.length - 1 - index);
    const near = quiet.filter((second) => second > last && second <= latest && Math.abs(second - cut) <= FAR);
    near.sort((one_, other) => Math.abs(one_ - cut) - Math.abs(other - cut) || one_ - other);
    last = cuts[index] = near[0] ?? Math.min(Math.max(cut, last + 1), latest);
  });
  return cuts.map((end, index) => end - (cuts[index - 1] ?? 0));
}
