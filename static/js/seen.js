// A page that a browser made ahead has loaded its pictures before anybody saw it, which counts for nothing: the one that
// counts is asked for again once the page is looked at.
function see() {
  fetch(document.getElementById("seen").src, { cache: "no-store" }).catch(() => null);
}

if (document.prerendering) document.addEventListener("prerenderingchange", see, { once: true });
