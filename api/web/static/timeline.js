// The timeline: drag over bars to choose a span, or walk through them with the arrow keys.
for (const figure of document.querySelectorAll("[data-timeline]")) enliven(figure);

function enliven(figure) {
  const svg = figure.querySelector("svg");
  const bars = [...svg.querySelectorAll("a")];
  const slots = [...svg.querySelectorAll(".slot")].map((slot) => ({
    from: (slot.closest("a") ?? slot).dataset.from,
    to: (slot.closest("a") ?? slot).dataset.to,
    left: Number(slot.getAttribute("x")),
  }));
  const width = slots[1].left - slots[0].left;
  const shade = document.createElementNS(svg.namespaceURI, "rect");
  shade.setAttribute("class", "shade");
  shade.setAttribute("height", svg.viewBox.baseVal.height);
  const unit = figure.querySelector(".unit");
  const usual = unit.textContent;
  let start = null;
  let moved = false;

  bars[0]?.setAttribute("tabindex", "0");
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const here = bars.indexOf(document.activeElement);
    const next = bars[Math.min(Math.max(here + step, 0), bars.length - 1)];
    for (const bar of bars) bar.setAttribute("tabindex", bar === next ? "0" : "-1");
    next.focus();
  });
  svg.addEventListener("focusin", (event) => {
    unit.textContent = event.target.closest("a")?.dataset.label ?? usual;
  });
  svg.addEventListener("focusout", () => (unit.textContent = usual));

  function slotAt(event) {
    const box = svg.getBoundingClientRect();
    const columns = svg.viewBox.baseVal.width / width;
    const place = Math.floor(((event.clientX - box.left) / box.width) * columns);
    return Math.min(Math.max(place, 0), slots.length - 1);
  }

  function show(first, last) {
    shade.setAttribute("x", slots[first].left);
    shade.setAttribute("width", (last - first + 1) * width);
    if (!shade.isConnected) svg.append(shade);
    unit.textContent = spoken(slots[first].from, slots[last].to);
  }

  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    start = slotAt(event);
    moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    if (start === null) {
      const bar = event.target.closest("a");
      unit.textContent = bar ? bar.dataset.label : usual;
      return;
    }
    const here = slotAt(event);
    if (here === start && !moved) return;
    if (!moved) svg.setPointerCapture(event.pointerId);
    moved = true;
    show(Math.min(start, here), Math.max(start, here));
  });
  svg.addEventListener("pointerleave", () => {
    if (start === null) unit.textContent = usual;
  });
  svg.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const [first, last] = [start, slotAt(event)].sort((a, b) => a - b);
    start = null;
    if (moved) go(slots[first].from, slots[last].to);
  });
  svg.addEventListener("pointercancel", () => {
    start = null;
    shade.remove();
    unit.textContent = usual;
  });
  // A drag ends on a bar, which is not what was meant by it; nor is a link to be dragged away.
  svg.addEventListener("click", (event) => moved && event.preventDefault(), true);
  svg.addEventListener("dragstart", (event) => event.preventDefault());

  function go(from, to) {
    // Any bar's link is this search between two dates; it is taken with other dates.
    const address = new URL(bars[0].href.baseVal, location.href);
    address.searchParams.set("from", from);
    address.searchParams.set("to", to);
    document.documentElement.dataset.loading = "";
    location.assign(address);
  }
}

function spoken(from, to) {
  return from === to ? from : `${from} to ${to}`;
}
