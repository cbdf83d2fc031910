// The bell: its list in a menu, and news in the window's title and, where somebody asked for that, beside the window.
import { one } from "./page.js";

const NOTIFY = "wanstudio.notify";
const bell = () => one("#bell");
const finished = () => Number(bell()?.dataset.finished ?? 0);

// The link opens a menu instead; with a key held it stays a link.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("#bell");
  const menu = one("#bell-menu");
  if (!link || !menu?.showPopover || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (menu.matches(":popover-open")) return menu.hidePopover();
  await htmx.ajax("GET", link.getAttribute("href"), { source: link, target: menu, swap: "innerHTML" });
  menu.showPopover({ source: link });
  one("a, button", menu)?.focus({ preventScroll: true });
});
document.addEventListener("toggle", ({ target, newState }) => {
  if (target.id === "bell-menu" && newState === "closed" && target.contains(document.activeElement)) bell()?.focus();
}, true);

// While nobody looks, the title counts what has come to an end since.
let title = document.title;
let before = finished();
let known = bell()?.dataset.digest;

function count() {
  const since = finished() - before;
  document.title = document.visibilityState === "hidden" && since > 0 ? `(${since}) ${title}` : title;
}
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") [title, before] = [document.title, finished()];
  count();
});

function ring() {
  const { digest, news } = bell()?.dataset ?? {};
  if (!digest || digest === known) return;
  known = digest;
  const wants = window.Notification?.permission === "granted" && localStorage.getItem(NOTIFY) === "on";
  if (!news || !wants || document.visibilityState !== "hidden") return;
  const notice = new Notification("Wan Studio", { body: news, tag: "wanstudio" });
  notice.addEventListener("click", () => { window.focus(); notice.close(); });
}
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  if (detail.target?.id !== "bell") return;
  count();
  ring();
});

// The profile's button: the browser is asked for its permission when somebody wants this, never before.
const choice = one("#notify");
if (choice && window.Notification) {
  const button = one("button", choice);
  const show = () => {
    const isOn = Notification.permission === "granted" && localStorage.getItem(NOTIFY) === "on";
    button.dataset.is = isOn ? "on" : "off";
    button.textContent = isOn ? button.dataset.on : button.dataset.off;
  };
  button.addEventListener("click", async () => {
    const wants = button.dataset.is !== "on";
    const answer = wants ? await Notification.requestPermission() : "";
    localStorage.setItem(NOTIFY, wants && answer === "granted" ? "on" : "off");
    const said = one("[role=status]", choice);
    said.textContent = answer === "denied" ? said.dataset.denied : "";
    show();
  });
  show();
  choice.hidden = false;
}
