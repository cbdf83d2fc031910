// The bar of shots below the player: a press goes to where the shot begins and marks it for a retake.
const bar = () => document.getElementById("cuts");

function mark(link) {
  for (const other of bar().querySelectorAll("nav a")) other.toggleAttribute("aria-current", false);
  link.ariaCurrent = "true";
  const retake = document.getElementById("retake");
  if (!retake) return;
  retake.href = link.dataset.retake;
  retake.querySelector("b").textContent = link.lastChild.textContent;
  retake.parentElement.hidden = false;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#cuts nav a");
  const video = document.getElementById("video");
  if (!link || !video || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  mark(link);
  video.currentTime = Math.min(video.duration || 0, Number(link.dataset.from) + 0.01); // a hair behind the cut, not before it
});
