// The keyboard: / searches, j and k walk through results, ? explains. Enter follows the link that
// has the focus, as it always does.
const help = document.querySelector("dialog.keys");
const box = document.querySelector("#q");
const hits = [...document.querySelectorAll("[data-hit]")];

document.querySelector(".keys-hint").hidden = false;

function walk(step) {
  if (!hits.length) return;
  const here = hits.findIndex((hit) => hit.contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : hits.length - 1) : here + step;
  const hit = hits[Math.min(Math.max(next, 0), hits.length - 1)];
  hit.querySelector("[data-open]").focus({ preventScroll: true });
  hit.scrollIntoView({ block: "nearest" });
}

function typing(element) {
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || help.open) return;
  if (typing(event.target)) {
    if (event.key === "Escape" && !event.defaultPrevented) event.target.blur();
    return;
  }
  const actions = {
    "/": () => {
      box?.focus();
      box?.select();
    },
    j: () => walk(1),
    k: () => walk(-1),
    "?": () => help.showModal(),
  };
  if (!Object.hasOwn(actions, event.key)) return;
  event.preventDefault();
  actions[event.key]();
});
