// What is typed and not saved yet when its page is left.
const MOST = 30_000; // bytes: browsers send up to 64 KiB for pages that end, and two savings may be on their way
const AROUND = 150; // bytes that a form sends beside each value

/** Whether a form's values arrive though the page ends meanwhile (as `keepalive` of fetch). */
export function fits(form) {
  const texts = [...form.values()].filter((value) => typeof value === "string");
  return new Blob(texts).size + texts.length * AROUND < MOST;
}
