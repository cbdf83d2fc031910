// A proof is short and at 720P: what is asked for then, as generations/proof.py makes it.
import { writtenShots } from "./board.js";
import { facts, one } from "./page.js";
import { clean, parsePrompt, shortened } from "./shots.js";

const isProof = () => one("#proof").checked;
const whole = () => Number(one("#duration").value);

/** The shots that a proof shortens: those of the board, else those that the prompt holds. */
function parts(prompt, shots) {
  const parsed = shots.length ? null : parsePrompt(prompt, whole());
  return parsed ? [parsed.overall, parsed.shots] : [prompt, shots];
}

const length = (shots) => Math.min(whole(), Math.max(facts().proof.seconds, shots.length));

/** What one press would render. */
export function asked() {
  const takes = Number(one("#takes").value);
  if (!isProof()) return { resolution: one("#resolution").value, duration: one("#duration").value, takes, isProof: false };
  const [, shots] = parts(clean(one("#prompt").value), writtenShots());
  return { resolution: facts().proof.resolution, duration: length(shots), takes, isProof: true };
}

/** Prompt and shots as they would be sent. */
export function asProof(prompt, shots) {
  if (!isProof()) return [prompt, shots];
  const [overall, written] = parts(prompt, shots);
  const lengths = shortened(written.map((shot) => shot.seconds), length(written));
  return [overall, written.map((shot, index) => ({ ...shot, seconds: lengths[index] }))];
}
