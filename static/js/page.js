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

/** What the server says about limits and words. */
export function facts() {
  const text = one("#composer").dataset.facts;
  if (text !== source) [known, source] = [JSON.parse(text), text];
  return known;
}

/** What a second costs, by the field that a press sends back: nobody pays a price that the page did not show. */
export function quoted() {
  const [currency, ...prices] = one("#composer [name=quoted]").value.split(" ");
  return { currency, prices: Object.fromEntries(prices.map((price) => price.split(":"))), isReady: currency !== "none" };
}

export function setText(selector, text, root = document) {
  const element = one(selector, root);
  if (element.textContent !== text) element.textContent = text;
}

/** Signing in in another window makes a new token, which the forms of this page must send from then on. */
export function renewToken() {
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  if (!token) return;
  for (const field of all("[name=csrfmiddlewaretoken]")) field.value = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
}

const STANDS = 700; // ms: long enough for a screen reader to take a sentence up, which then reads it to its end
const unsaid = [];
let standing = 0;

/** Politely, to those who listen to the page: one sentence after the other, so that none is taken away unheard. */
export function announce(text) {
  if (text.trim()) unsaid.push(text.trim());
  if (!standing) say();
}

function say() {
  standing = unsaid.length ? setTimeout(say, STANDS) : 0;
  if (standing) one("#announce").textContent = unsaid.shift();
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

/** The page of a refusal says why, unless it was only the token of the form. */
export const deniedBy = (xhr) =>
  new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-denied]")?.textContent ?? "";
