// Shots that cannot be sent, in words, and where they are mended.
import { cards, fieldOf, isWhole, secondsOf, sumOf, textOf, typedSeconds, writtenShots } from "./board.js";
import { announce, facts, fill, one } from "./page.js";
import { clean } from "./shots.js";

/** Sentences about shots that cannot be sent. */
export function complaints() {
  const { words, durationMax, shotsMost } = facts();
  const some = cards();
  const sum = sumOf(some);
  const duration = Number(one("#duration").value) || sum;
  const count = writtenShots().length;
  const nameOf = (card) => ({ number: cards().indexOf(card) + 1 });
  return [
    ...some.filter((card) => typedSeconds(card) && !isWhole(typedSeconds(card)))
      .map((card) => fill(words.seconds, nameOf(card))),
    ...(sum > durationMax ? [fill(words.sum, { sum })] : sum > duration ? [fill(words.longer, { sum, duration })] : []),
    ...(sum <= duration && duration < count && count <= shotsMost ? [fill(words.more, { count, duration })] : []),
    ...(some.length > shotsMost ? [words.tooMany] : []),
    ...untimed().map((card) => fill(words.noSeconds, nameOf(card))),
    ...some.filter((card) => count && !clean(textOf(card).value)).map((card) => fill(words.blank, nameOf(card))),
  ];
}

const SPEECH = /(?:\b(?:says?|said|asks?|calls?|cries|shouts?|whispers?|sings?)\b|[說说喊問问道])[^.!?。！？\n"“「『]{0,80}["“「『]/i;

/** A word of warning when the texts say that nobody speaks, and what somebody says; as generations/wording.py has it. */
export function showSilent() {
  const text = [one("#prompt"), ...cards().map(textOf)].map((field) => field.value).join("\n");
  const isBoth = SPEECH.test(text) && facts().silent.some((sentence) => text.toLowerCase().includes(sentence.toLowerCase()));
  const note = one("[data-silent-note]");
  if (isBoth && note.hidden) announce(one("span", note).textContent);
  note.hidden = !isBoth;
}

/** Beside one of these the others would lose their times in the text. */
function untimed() {
  const written = cards().filter((card) => clean(textOf(card).value));
  return written.some(secondsOf) ? written.filter((card) => !typedSeconds(card)) : [];
}

/** Where the length of a shot is to be mended, if one is. */
export function wrongLength() {
  const card = cards().find((one_) => typedSeconds(one_) && !isWhole(typedSeconds(one_))) ?? untimed()[0];
  return card && fieldOf(card);
}
