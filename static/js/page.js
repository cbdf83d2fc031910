// Small words of the scripts.
export const LEFT = "wanstudio.left"; // the take whose page leads back to the grid
export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** A key that is not for us: typed into a field, meant for the browser, or keys are switched off in the account. */
export function isForeign(event, fields = "input:not([type=checkbox], [type=radio]), textarea, select") {
  if (event.ctrlKey || event.metaKey || event.altKey || document.documentElement.dataset.keys === "off") return true;
  return Boolean(event.target.matches?.(fields));
}

let [known, source] = [null, ""];

/** What the server says about limits, prices and words. */
export function facts() {
  const text = one("#composer").dataset.facts;
  if (text !== source) [known, source] = [JSON.parse(text), text];
  return known;
}

export function setText(selector, text) {
  const element = one(selector);
  if (element.textContent !== text) element.textContent = text;
}

/** Signing in in another window makes a new token, which the forms of this page must send from then on. */
export function renewToken() {
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  if (!token) return;
  for (const field of all("[name=csrfmiddlewaretoken]")) field.value = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
}

/** Politely, to those who listen to the page. */
export function announce(text) {
  one("#announce").textContent = text;
}

/** Calls back with every move until the pointer is let go. */
export function follow(moved, done = () => {}) {
  const listening = new AbortController();
  const end = () => {
    listening.abort();
    done();
  };
  document.addEventListener("pointermove", moved, { signal: listening.signal });
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, end, { signal: listening.signal });
}
