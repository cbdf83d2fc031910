// A downloaded clip carries its recipe: dropped on the composer, or chosen under "More", it fills it. Of the file only the
// box with the recipe is sent, so that a film of 200 MB fills the composer as quickly as a small one.
import { one } from "./page.js";

const KIND = "6f0c7a5293c45d1e8a3b2b7f5e1d9c64";
const BOXES_MOST = 20000;
const BOX_MOST = 1 << 19;
const NOTHING = new Uint8Array([0, 0, 0, 8, 0x66, 0x74, 0x79, 0x70]); // an mp4 without anything in it

const hex = (view, from, to) => [...new Uint8Array(view.buffer, from, to - from)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Of the file what the server has to see: the recipe's box, else what shows that there is none, or that the end is cut off. */
async function recipeBox(file) {
  let at = 0;
  for (let turn = 0; turn < BOXES_MOST && at < file.size; turn += 1) {
    const begin = file.slice(at, at + 32);
    const view = new DataView(await begin.arrayBuffer());
    const odd = new Blob(at ? [NOTHING, begin] : [begin]);
    if (view.byteLength < 8) return odd;
    let [size, head] = [view.getUint32(0), 8];
    if (size === 1 && view.byteLength >= 16) [size, head] = [Number(view.getBigUint64(8)), 16];
    else if (size === 0) size = file.size - at;
    if (size < head || at + size > file.size) return odd;
    const isOurs = view.byteLength >= head + 16 && hex(view, 4, 8) === "75756964" && hex(view, head, head + 16) === KIND;
    if (isOurs) return size <= BOX_MOST ? file.slice(at, at + size) : new Blob([NOTHING]);
    if (!at && hex(view, 4, 8) !== "66747970") return odd;
    at += size;
  }
  return new Blob(file.size ? [NOTHING] : []);
}

async function fillFrom(file) {
  const box = await recipeBox(file);
  const carried = new DataTransfer();
  carried.items.add(new File([box], file.name, { type: "video/mp4" }));
  one("#clip").files = carried.files;
  one("#refill").click(); // requestSubmit leaves the button's name out of what htmx sends
}

const composer = (event) => event.target.closest?.("#composer");
const files = (event) => [...(event.dataTransfer?.items ?? [])].filter((item) => item.kind === "file");
const isField = (event) => event.target.matches?.("input[type=file]"); // takes what is dropped by itself
const mark = (event, isOver) => composer(event)?.classList.toggle("dropping", isOver);

/** Any file: what is neither a clip nor sound gets words, where the browser would leave the page for it. */
const isMeant = (event) => composer(event) && files(event).length && !isField(event);

function useAsSound(file) {
  const carried = new DataTransfer();
  carried.items.add(file);
  one("#audio").files = carried.files;
  one("#audio").dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("dragover", (event) => {
  if (!isMeant(event)) return;
  event.preventDefault();
  mark(event, true);
});
document.addEventListener("dragleave", (event) => {
  if (composer(event) && !composer(event).contains(event.relatedTarget)) mark(event, false);
});
document.addEventListener("drop", (event) => {
  mark(event, false);
  if (!isMeant(event)) return;
  event.preventDefault();
  const file = files(event)[0].getAsFile();
  if (file.type.startsWith("audio/")) useAsSound(file);
  else fillFrom(file);
});
document.addEventListener("change", ({ target }) => {
  if (target.id === "clip" && target.files.length) fillFrom(target.files[0]);
});
