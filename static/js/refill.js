// A downloaded clip carries its recipe: dropped on the composer, or chosen under "More", it fills it. Of the file only the
// box with the recipe is sent, so that a film of 200 MB fills the composer as quickly as a small one.
import { one } from "./page.js";

const KIND = "6f0c7a5293c45d1e8a3b2b7f5e1d9c64";
const BOXES_MOST = 20000;
const BOX_MOST = 1 << 19;
const NOTHING = new Uint8Array([0, 0, 0, 8, 0x66, 0x74, 0x79, 0x70]); // an mp4 without anything in it

const hex = (view, from, to) => [...new Uint8Array(view.buffer, from, to - from)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The part of the file that is the recipe's box; null when there is none. */
async function recipeBox(file) {
  let at = 0;
  for (let turn = 0; turn < BOXES_MOST && at + 8 <= file.size; turn += 1) {
    const view = new DataView(await file.slice(at, at + 32).arrayBuffer());
    let [size, head] = [view.getUint32(0), 8];
    if (size === 1 && view.byteLength >= 16) [size, head] = [Number(view.getBigUint64(8)), 16];
    else if (size === 0) size = file.size - at;
    if (size < head) return null;
    const isOurs = view.byteLength >= head + 16 && hex(view, 4, 8) === "75756964" && hex(view, head, head + 16) === KIND;
    if (isOurs) return size <= BOX_MOST ? file.slice(at, at + size) : null;
    at += size;
  }
  return null;
}

async function fillFrom(file) {
  const box = (await recipeBox(file)) ?? new Blob([NOTHING]);
  const carried = new DataTransfer();
  carried.items.add(new File([box], file.name, { type: "video/mp4" }));
  one("#clip").files = carried.files;
  one("#refill").click(); // requestSubmit leaves the button's name out of what htmx sends
}

const composer = (event) => event.target.closest?.("#composer");
const isClip = (item) => item.kind === "file" && item.type === "video/mp4";
const carriesClip = (event) => [...(event.dataTransfer?.items ?? [])].some(isClip);
const mark = (event, isOver) => composer(event)?.classList.toggle("dropping", isOver);

document.addEventListener("dragover", (event) => {
  if (!composer(event) || !carriesClip(event)) return;
  event.preventDefault();
  mark(event, true);
});
document.addEventListener("dragleave", (event) => {
  if (composer(event) && !composer(event).contains(event.relatedTarget)) mark(event, false);
});
document.addEventListener("drop", (event) => {
  mark(event, false);
  if (!composer(event) || !carriesClip(event)) return;
  event.preventDefault();
  fillFrom([...event.dataTransfer.items].find(isClip).getAsFile());
});
document.addEventListener("change", ({ target }) => {
  if (target.id === "clip" && target.files.length) fillFrom(target.files[0]);
});
