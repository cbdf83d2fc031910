// Whatever is sent of a form that has a draft carries a number that grows, so that the server knows what comes late. The
// time goes on growing in a page that is opened anew under the same name.
let last = 0;

document.addEventListener("formdata", ({ formData }) => {
  if (!formData.has("draft_turn")) return;
  last = Math.max(Date.now(), last + 1, Number(formData.get("draft_turn")) + 1);
  formData.set("draft_turn", last);
});
