// A downloaded clip carries its recipe: dropped on the composer, or chosen under "More", it fills it. Of the file only the
// box with the recipe is sent, and the checksum of the film, so that 200 MB fill the composer as quickly as a small one.
import { one } from "./page.js";

const KIND = "6f0c7a5293c45d1e8a3b2b7f5e1d9c64";
const BOXES_MOST = 20000;
const BOX_MOST = 1 << 19;
const NOTHING = new Uint8Array([0, 0, 0, 8, 0x66, 0x74, 0x79, 0x70]); // an mp4 without anything in it

const HASHED_MOST = 1 << 29; // bytes of a film: they pass through memory

const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const hex = (view, from, to) => hexOf(new Uint8Array(view.buffer, from, to - from));

/** SHA-256 of the file without the box between these bytes; "" where a browser can't, as without https. */
async function checksum(file, from, to) {
  if (!crypto.subtle || file.size > HASHED_MOST) return "";
  const film = await new Blob([file.slice(0, from), file.slice(to)]).arrayBuffer();
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", film)));
}

/** Of the file what the server has to see: the recipe's box with the film's checksum, else what shows that there is none,
 * or that the end is cut off. */
async function recipeBox(file) {
  let at = 0;
  for (let turn = 0; turn < BOXES_MOST && at < file.size; turn += 1) {
    const begin = file.slice(at, at + 32);
    const view = new DataView(await begin.arrayBuffer());
    const odd = new Blob(at ? [NOTHING, begin] : [begin]);
    if (view.byteLength < 8) return [odd];
    let [size, head] = [view.getUint32(0), 8];
    if (size === 1 && view.byteLength >= 16) [size, head] = [Number(view.getBigUint64(8)), 16];
    else if (size === 0) size = file.size - at;
    if (size < head || at + size > file.size) return [odd];
    const isOurs = view.byteLength >= head + 16 && hex(view, 4, 8) === "75756964" && hex(view, head, head + 16) === KIND;
    if (isOurs && size > BOX_MOST) return [new Blob([NOTHING])];
    if (isOurs) return [file.slice(at, at + size), await checksum(file, at, at + size)];
    if (!at && hex(view, 4, 8) !== "66747970") return [odd];
    at += size;
  }
  return [new Blob(file.size ? [NOTHING] : [])];
}

async function fillFrom(file) {
  const [box, film = ""] = await recipeBox(file);
  const carried = new DataTransfer();
  carried.items.add(new File([box], file.name, { type: "video/mp4" }));
  one("#clip").files = carried.files;
  one("#clip-film").value = film;
  one("#refill").click(); // requestSubmit leaves the button's name out of what htmx sends
}

const files = (event) => [...(event.dataTransfer?.items ?? [])].filter((item) => item.kind === "file");
const isField = (event) => event.target.matches?.("input[type=file]"); // takes what is dropped by itself
const mark = (isOver) => one("#composer")?.classList.toggle("dropping", isOver);

let isOurs = false; // a picture of the page that is dragged counts as a file, too

/** Any file, wherever on the page: beside the composer, too, the browser would leave the page for it. */
const isMeant = (event) => one("#composer") && !isOurs && files(event).length && !isField(event);

function useAsSound(file) {
  const carried = new DataTransfer();
  carried.items.add(file);
  one("#audio").files = carried.files;
  one("#audio").dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("dragstart", () => { isOurs = true; });
// No dragend comes from a tile that was swapped away meanwhile: its drag is over once a pointer is pressed or comes back.
for (const name of ["dragend", "pointerdown", "pointermove"]) document.addEventListener(name, () => { isOurs = false; });
document.addEventListener("dragover", (event) => {
  if (!isMeant(event)) return;
  event.preventDefault();
  mark(true);
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) mark(false); // out of the window
});
document.addEventListener("drop", (event) => {
  mark(false);
  if (!isMeant(event)) return;
  event.preventDefault();
  const file = files(event)[0].getAsFile();
  if (file.type.startsWith("audio/")) useAsSound(file);
  else fillFrom(file);
});
document.addEventListener("change", ({ target }) => {
  if (target.id === "clip" && target.files.length) fillFrom(target.files[0]);
});
