// Authors, topics and titles while somebody types: the combobox pattern with a list
// (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). Nothing is chosen unasked: Enter searches
// for what was typed, unless an arrow key has led to a suggestion.
const WAIT = 120;
const LONGEST = 200;
const KINDS = { author: "author", topic: "topic", title: "article" };

for (const form of document.querySelectorAll("form.search")) offer(form);

function offer(form) {
  const box = form.querySelector("input[type=search]");
  const base = new URL(".", form.action);
  const list = document.createElement("ul");
  const said = document.createElement("span");
  let offers = [];
  let active = -1;
  let timer = 0;
  let asking = null;

  list.id = `${box.id}-offers`;
  list.className = "offers";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  said.className = "unseen";
  said.setAttribute("role", "status");
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
    "aria-haspopup": "listbox",
  })) {
    box.setAttribute(name, value);
  }
  box.after(list);
  form.append(said);

  function address(one) {
    if (one.kind === "topic") {
      const search = new URL("search", base);
      search.searchParams.set("topic", one.text);
      return search;
    }
    const [page, name] = one.kind === "author" ? ["author", one.text] : ["article", one.id];
    const parts = name.split("/");
    // Browsers would take these for a way up.
    if (parts.some((part) => ["", ".", ".."].includes(part))) {
      const odd = new URL(page, base);
      odd.searchParams.set("name", name);
      return odd;
    }
    return new URL(`${page}/${parts.map(encodeURIComponent).join("/")}`, base);
  }

  function row(one, place) {
    const item = document.createElement("li");
    const text = document.createElement("bdi");
    const kind = document.createElement("span");
    text.textContent = one.text;
    kind.textContent =
      one.kind === "title" ? KINDS.title : `${KINDS[one.kind]}, ${counted(one.articles)}`;
    item.id = `${list.id}-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.append(text, " ", kind);
    item.addEventListener("click", () => go(one));
    return item;
  }

  function show(found) {
    offers = found;
    list.replaceChildren(...offers.map(row));
    choose(-1);
    list.hidden = !offers.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = list.hidden ? "" : `${offers.length} suggestions; arrow keys lead to them.`;
    if (list.hidden) return;
    list.style.insetInlineStart = `${box.offsetLeft}px`;
    list.style.top = `${box.offsetTop + box.offsetHeight}px`;
    list.style.width = `${form.offsetWidth}px`;
  }

  function choose(place) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = place;
    const item = list.children[active];
    if (!item) {
      box.removeAttribute("aria-activedescendant");
      return;
    }
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", item.id);
  }

  function close() {
    clearTimeout(timer);
    asking?.abort();
    show([]);
  }

  async function ask() {
    const typed = box.value.trim();
    asking?.abort();
    if (!typed || typed.length > LONGEST) return show([]);
    const mine = (asking = new AbortController());
    const wanted = new URL("api/v1/suggest", base);
    wanted.searchParams.set("prefix", typed);
    try {
      const answer = await fetch(wanted, { signal: mine.signal });
      const found = answer.ok ? (await answer.json()).suggestions : [];
      if (mine === asking && document.activeElement === box) show(found);
    } catch {
      // Whoever types goes on typing: suggestions are only a help.
    }
  }

  function go(one) {
    close();
    document.documentElement.dataset.loading = "";
    location.assign(address(one));
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return void ask();
      // Past either end, what was typed has its turn.
      const turns = offers.length + 1;
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(((active + 1 + step + turns) % turns) - 1);
    } else if (event.key === "Enter" && open && active >= 0) {
      event.preventDefault();
      go(offers[active]);
    } else if (event.key === "Escape" && open) {
      // The text stays, and so does the focus.
      event.preventDefault();
      close();
    }
  });
  // A press on a suggestion must not take the focus from the box before the click.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  box.addEventListener("blur", close);
  form.addEventListener("submit", close);
  addEventListener("pageshow", close);
}

function counted(articles) {
  return articles === 1 ? "1 article" : `${articles.toLocaleString("en")} articles`;
}
