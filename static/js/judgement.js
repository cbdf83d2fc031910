// One judgement of one tile, sent from the grid or the lightbox.
import { one } from "./page.js";

/** Posts one judgement; the answer is the tile as it is now, with an undo. */
export function judge(tile, name, values = {}) {
  const address = new URL(name, one("a[href]", tile).href).pathname;
  return htmx.ajax("POST", address, { source: tile, target: tile, swap: "outerHTML", values });
}

/** What a press of the same key takes back again. */
export function turn(tile, name, value) {
  if (name === "trash") return judge(tile, name);
  if (name === "favourite") return judge(tile, name, { favourite: tile.dataset.favourite === "1" ? 0 : 1 });
  const field = name === "rate" ? "rating" : "pick";
  return judge(tile, name, { [field]: tile.dataset[field] === String(value) ? 0 : value });
}
