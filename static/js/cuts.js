// The bar of shots below the player: a press goes to where the shot begins and marks it for a retake. An address that
// names a shot, as of a press before this was loaded, does the same.
const bar = () => document.getElementById("cuts");
const player = () => document.getElementById("video");

function mark(link) {
  for (const other of bar().querySelectorAll("nav a")) other.toggleAttribute("aria-current", false);
  link.ariaCurrent = "true";
  const retake = document.getElementById("retake");
  if (!retake) return;
  retake.href = link.dataset.retake;
  retake.querySelector("b").textContent = link.lastChild.textContent;
  retake.parentElement.hidden = false;
}

/** A hair behind the cut, not before it; as soon as the film's length is known. */
function goTo(link) {
  const video = player();
  const seek = () => { video.currentTime = Math.min(video.duration, Number(link.dataset.from) + 0.01); };
  if (video.readyState) seek();
  else video.addEventListener("loadedmetadata", seek, { once: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#cuts nav a");
  if (!link || !player() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  mark(link);
  goTo(link);
});

const named = bar()?.querySelector("nav a[aria-current]");
if (named && player()) goTo(named);
