// Talk about a clip: comments are pinned to the second that is shown, and a pin or a time jumps there.
import { isForeign } from "./page.js";
import { watch } from "./player.js";

const video = () => document.getElementById("video");
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** The form says to which moment the comment belongs: it follows the clip until the first letter is typed. */
function pin() {
  const form = document.querySelector("[data-speaks]");
  if (!form || !video() || form.elements.text.value) return;
  const { currentTime } = video();
  form.elements.second.value = currentTime.toFixed(2);
  form.querySelector("[data-at]").textContent = clock(currentTime);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-second]");
  if (!link || !video()) return;
  if (!link.matches(".pin")) event.preventDefault();
  video().pause();
  video().currentTime = Number(link.dataset.second);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "m" || isForeign(event)) return;
  const field = document.getElementById("comment");
  if (!field) return;
  event.preventDefault();
  video()?.pause();
  field.focus();
});

function follow() {
  if (!video() || "pinned" in video().dataset) return;
  video().dataset.pinned = "";
  if (!("watched" in video().dataset)) watch(video());
  for (const name of ["loadedmetadata", "seeked", "timeupdate", "pause"]) video().addEventListener(name, pin);
  pin();
}
document.addEventListener("htmx:afterSettle", follow);
follow();
