// Talk about a clip: comments are pinned to the second that is shown, and a pin or a time jumps there.
import { isForeign } from "./page.js";
import { watch } from "./player.js";

const video = () => document.getElementById("video");
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** The form says to which moment the comment belongs: it follows the clip until the first letter is typed, or
 * where the moment of one that was refused does not exist. A tick unpins it. */
function pin() {
  const form = document.querySelector("[data-speaks]");
  if (!form || !video()) return;
  const whole = document.querySelector("[data-whole]");
  whole.parentElement.hidden = false;
  if (whole.checked || (form.elements.text.value && form.elements.second.value)) return;
  const { currentTime } = video();
  form.elements.second.value = currentTime.toFixed(2);
  tell(form, clock(currentTime));
}

function tell(form, words) {
  const at = form.querySelector("[data-at]");
  at.dataset.unpinned ??= at.textContent;
  at.textContent = words || at.dataset.unpinned;
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-whole]")) return;
  const { form } = event.target;
  form.elements.second.value = "";
  tell(form, "");
  pin();
});

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
