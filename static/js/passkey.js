// What went wrong with a passkey, in words; django-allauth's scripts tell only the console.
const said = document.getElementById("passkey-said");

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  said.textContent = event.detail.exception.name === "SecurityError" ? said.dataset.address : said.dataset.nothing;
  said.hidden = false;
});
