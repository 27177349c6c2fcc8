// The reading page: step through highlights, copy quotations and links.
const SHARED = new Set(["name", "q", "mode", "p"]);
const body = document.querySelector("[data-body]");
const toast = document.querySelector(".toast");
const citation = document.querySelector("[data-citation]")?.textContent.trim() ?? "";

if (body) {
  stepper();
  copying();
  quoting();
}

function say(text) {
  toast.textContent = text;
  toast.classList.add("shown");
  setTimeout(() => toast.classList.remove("shown"), 2500);
}

async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure origin there is no clipboard: the old way needs a field.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  say(done);
}

// What others are told of this page: its article, what is marked, the passage. The rest of the
// address leads its reader back to their own results.
function shareable() {
  const address = new URL(location.href);
  for (const name of [...address.searchParams.keys()]) {
    if (!SHARED.has(name)) address.searchParams.delete(name);
  }
  return address;
}

function quotation(text) {
  return `“${text.trim().replace(/\s+/g, " ")}”\n— ${citation}`;
}

function stepper() {
  const bar = document.querySelector("[data-stepper]");
  const count = Number(bar?.dataset.count ?? 0);
  if (!count) return;
  let at = Number(bar.dataset.at);
  const place = bar.querySelector("[data-place]");

  function go(step) {
    at = at + step > count ? 1 : at + step < 1 ? count : at + step;
    document.querySelector("mark.current")?.classList.remove("current");
    const mark = document.getElementById(`h-${at}`);
    const folded = mark.closest("details");
    if (folded) folded.open = true;
    mark.classList.add("current");
    mark.scrollIntoView({ block: "center" });
    place.textContent = `${at} of ${count} highlight${count === 1 ? "" : "s"}`;
  }

  document.getElementById(`h-${at}`)?.classList.add("current");
  for (const link of bar.querySelectorAll("[data-step]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      go(Number(link.dataset.step));
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input,dialog")) return;
    if (event.key === "n") go(1);
    if (event.key === "p") go(-1);
  });
}

function copying() {
  const buttons = {
    "[data-copy-citation]": () => copy(citation, "The citation was copied."),
    "[data-copy-address]": () => copy(shareable().href, "The link was copied."),
    "[data-copy-passage]": (button) => copy(quotation(button.dataset.text), "The passage was copied."),
  };
  for (const [selector, act] of Object.entries(buttons)) {
    for (const button of document.querySelectorAll(selector)) {
      button.hidden = false;
      button.addEventListener("click", () => act(button));
    }
  }
}

function quoting() {
  const tools = document.querySelector("[data-quote-tools]");

  function selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    return body.contains(range.commonAncestorContainer) ? range : null;
  }

  // Offsets into the stored body: a paragraph's id says where it begins; its text is exactly the
  // body's from there on. They count code points, as the archive does.
  function offset(node, within) {
    const paragraph = (node.nodeType === 1 ? node : node.parentElement).closest("p[id]");
    const text = paragraph?.querySelector("[data-text]");
    if (!text) return null;
    const before = document.createRange();
    before.selectNodeContents(text);
    if (!text.contains(node)) return Number(paragraph.id.split("-")[within ? 1 : 2]);
    before.setEnd(node, within);
    return Number(paragraph.id.split("-")[1]) + [...before.toString()].length;
  }

  document.addEventListener("selectionchange", () => {
    const range = selected();
    tools.hidden = !range || !range.toString().trim();
    if (tools.hidden) return;
    const box = range.getBoundingClientRect();
    const left = box.left + box.width / 2 - tools.offsetWidth / 2;
    const room = document.documentElement.clientWidth - tools.offsetWidth - 8;
    tools.style.left = `${Math.max(8, Math.min(left, room))}px`;
    tools.style.top = `${scrollY + Math.max(box.top - tools.offsetHeight - 8, 8)}px`;
  });
  // The selection is to last until the button was pressed.
  tools.addEventListener("pointerdown", (event) => event.preventDefault());
  tools.querySelector("[data-quote]").addEventListener("click", () => {
    const range = selected();
    if (range) copy(quotation(text(range)), "The quotation was copied, with its citation.");
  });
  tools.querySelector("[data-quote-link]").addEventListener("click", () => {
    const range = selected();
    if (!range) return;
    const start = offset(range.startContainer, range.startOffset);
    const end = offset(range.endContainer, range.endOffset);
    if (start === null || end === null || start >= end) return;
    const address = shareable();
    address.searchParams.set("p", `${start}-${end}`);
    address.hash = `p-${start}-${end}`;
    copy(address.href, "The link to these words was copied.");
  });

  // The marks that lead to paragraphs are no part of the text.
  function text(range) {
    const part = range.cloneContents();
    for (const pin of part.querySelectorAll(".pin")) pin.remove();
    for (const paragraph of part.querySelectorAll("p")) paragraph.append(" ");
    return part.textContent;
  }
}
