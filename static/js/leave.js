// Buttons of the composer that open a page with all that is typed: a plain form post, which htmx would keep here.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-opens-page]");
  if (!button) return;
  event.preventDefault();
  const { form } = button;
  const [address, file] = [form.action, form.elements.audio];
  form.action = button.formAction;
  if (file) file.disabled = true; // a page does not need the sound
  form.submit();
  form.action = address;
  if (file) file.disabled = false;
});
