// Answers sentences about what can be seen within `root` and should not look so.
([root, isPhone]) => {
  const found = [];
  const name = (one) => one.ariaLabel || one.name || one.id || one.className?.baseVal || one.className || one.textContent.trim().slice(0, 30);
  const beside = document.documentElement.scrollWidth - innerWidth;
  if (beside > 0) found.push(`the page is ${beside} px wider than the screen`);
  const inside = [...document.querySelectorAll(`${root}, ${root} *`)];
  const isSeen = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !one.closest(".visually-hidden") && getComputedStyle(one).clipPath === "none";
  const seen = inside.filter(isSeen);

  for (const one of seen) {
    const own = [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!own.length) continue;
    const range = document.createRange();
    range.setStartBefore(own[0]);
    range.setEndAfter(own.at(-1));
    const text = range.getBoundingClientRect();
    if (!text.width) continue;
    let isInside = true;
    for (let box = one; box && box !== document.documentElement; box = box.parentElement) {
      const { overflowX, overflowY, textOverflow } = getComputedStyle(box);
      const { left, right, top, bottom } = box.getBoundingClientRect();
      const isCutX = ["hidden", "clip"].includes(overflowX) && (text.right > right + 1 || text.left < left - 1);
      const isCutY = ["hidden", "clip"].includes(overflowY) && (text.bottom > bottom + 2 || text.top < top - 2);
      if (["hidden", "clip"].includes(overflowX)) isInside = false; // what juts out is not seen
      if (((isCutX && textOverflow !== "ellipsis") || isCutY) && !one.closest(".take")) found.push(`words are cut off: ${one.textContent.trim().slice(0, 40)}`);
      if (overflowX === "auto" || overflowX === "scroll" || isCutX) break;
    }
    if (isInside && text.right > innerWidth + 1 && !one.closest(".scroller, .filters")) found.push(`words lie beside the screen: ${one.textContent.trim().slice(0, 40)}`);
  }

  const layer = (one) => one.closest(".composer-bar, .sheet-send, .words-head, .dock, .topbar");
  const area = (one) => (one.matches("input, select") && one.closest("label") ? one.closest("label") : one);
  const controls = [...new Set(seen.filter((one) => one.matches("a, button, input:not([type=hidden]), select, textarea, summary")).map(area))];
  const cut = (one) => { // as far as it can be seen: a list that scrolls ends where it ends
    let { left, right, top, bottom } = one.getBoundingClientRect();
    for (let box = one.parentElement; box; box = box.parentElement) {
      if (getComputedStyle(box).overflowX === "visible") continue;
      const its = box.getBoundingClientRect();
      [left, right, top, bottom] = [Math.max(left, its.left), Math.min(right, its.right), Math.max(top, its.top), Math.min(bottom, its.bottom)];
    }
    return { left, right, top, bottom };
  };
  const reached = controls.map((one) => [one, one.getBoundingClientRect()]).filter(([one, box]) => {
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box.width && top && (one.contains(top) || top.contains(one));
  });
  reached.forEach(([one, box], index) => {
    for (const [other, its] of reached.slice(index + 1)) {
      const isBehind = layer(one) !== layer(other); // what is scrolled runs under the bar
      const isCorner = one.closest(".project-card") && other.closest(".project-card") === one.closest(".project-card"); // of a card
      const isOnPicture = [one, other].some((link) => link.matches(".take > [id^=open-]")) && one.closest(".take") === other.closest(".take");
      if (isBehind || isCorner || isOnPicture || one.contains(other) || other.contains(one)) continue;
      if (Math.min(box.right, its.right) - Math.max(box.left, its.left) <= 1) continue;
      const [here, there] = [cut(one), cut(other)];
      const wide = Math.min(here.right, there.right) - Math.max(here.left, there.left);
      const high = Math.min(here.bottom, there.bottom) - Math.max(here.top, there.top);
      if (wide > 1 && high > 1) found.push(`${name(one)} lies on ${name(other)}`);
    }
    if (isPhone && !one.matches("p a, textarea") && (box.height < 43 || box.width < 36)) {
      found.push(`${name(one)} is ${Math.round(box.width)} × ${Math.round(box.height)} px, too small for a thumb`);
    }
  });
  return found;
}
