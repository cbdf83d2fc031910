// Buttons that copy a text. Where the browser offers no clipboard (an address without https) they stay hidden.
import { all, announce, one } from "./page.js";

export function offer() {
  for (const button of all("[data-copy][hidden]")) button.hidden = !navigator.clipboard;
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const use = one("use", button);
  const icon = use.getAttribute("href");
  use.setAttribute("href", icon.replace(/#.*/, "#check"));
  announce(button.dataset.copied ?? one("[data-copied]").dataset.copied);
  setTimeout(() => use.setAttribute("href", icon), 1500);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy]");
  if (button) copy(button);
  if (target.matches("input[readonly]")) target.select();
});
offer();
