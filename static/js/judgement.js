// One judgement of one tile, sent from the grid or the lightbox.
import { one } from "./page.js";

export const STARS = new Set("012345"); // keys that rate: pressed twice, they say the same
const asked = new Map(); // what a tile was asked last, by its id

/** Posts one judgement; the answer is the tile as it is now, with an undo. Keys pressed faster than the server answers
 * wait for their turn, because each answer brings a new tile. `values` may be a function of the tile at that time. */
export function judge({ id }, name, values = {}) {
  const turn = (asked.get(id) ?? Promise.resolve()).then(() => send(document.getElementById(id), name, values)).catch(() => {});
  asked.set(id, turn);
  return turn.then(() => { if (asked.get(id) === turn) asked.delete(id); });
}

function send(tile, name, values) {
  if (!tile || tile.hidden) return null;
  const address = new URL(name, one("a[href]", tile).href).pathname;
  // Settled at once: the next judgement reads what this one has made of the tile.
  const where = { source: tile, target: tile, swap: "outerHTML settle:0s" };
  return htmx.ajax("POST", address, { ...where, values: typeof values === "function" ? values(tile) : values });
}

/** What a press of the same key takes back again. */
export function turn(tile, name, value) {
  if (name === "trash") return judge(tile, name);
  if (name === "favourite") return judge(tile, name, ({ dataset }) => ({ favourite: dataset.favourite === "1" ? 0 : 1 }));
  const field = name === "rate" ? "rating" : "pick";
  return judge(tile, name, ({ dataset }) => ({ [field]: dataset[field] === String(value) ? 0 : value }));
}
