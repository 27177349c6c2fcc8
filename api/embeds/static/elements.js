/* The two elements. */

/** "More on this": results of a query that the page gives; hidden while there are none. */
class BylineResults extends Results {
  constructor() {
    super();
    const heading = document.createElement("slot");
    heading.name = "heading";
    heading.append(make("p", "heading", "More on this"));
    this.box.prepend(heading);
    this.box.setAttribute("role", "region");
    this.box.setAttribute("aria-label", "More on this");
  }

  begin() {
    if (!this.getAttribute("query")?.trim()) this.setAttribute("empty", "");
    super.begin();
  }

  /** One more, since the page itself may be among them. */
  get wanted() {
    const limit = Number(this.getAttribute("limit") ?? "5");
    return Number.isInteger(limit) && limit > 0 && limit < 50 ? String(limit + 1) : super.wanted;
  }

  chosen(hits) {
    const plain = (url) => webAddress(url)?.replace(/[?#].*$/, "");
    const canonical = document.querySelector('link[rel="canonical"]')?.href ?? location.href;
    const others = hits.filter((hit) => !hit.article.url || plain(hit.article.url) !== plain(canonical));
    return others.slice(0, Number(this.getAttribute("limit") ?? "5"));
  }

  show(answer) {
    super.show(answer);
    this.more.hidden = true;
    this.toggleAttribute("empty", !this.list.children.length);
  }

  refuse(refusal) {
    super.refuse(refusal);
    this.removeAttribute("empty");
  }
}

/** A search box with its results below. */
class BylineSearch extends Results {
  static observedAttributes = [...Results.observedAttributes, "placeholder"];

  #given = null;

  constructor() {
    super();
    this.input = make("input", "input");
    this.input.type = "search";
    this.input.id = "query";
    this.input.autocomplete = "off";
    this.input.enterKeyHint = "search";
    this.label = make("label", "label");
    this.label.className = "unseen";
    this.label.htmlFor = "query";
    this.list.setAttribute("aria-label", "Results");
    const form = make("form", "form", this.label, this.input, make("button", "button", "Search"));
    form.setAttribute("role", "search");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.search(this.input.value);
    });
    this.box.prepend(form, this.status);
  }

  begin() {
    const placeholder = this.getAttribute("placeholder") ?? "Search the archive";
    this.input.placeholder = this.label.textContent = placeholder;
    if (this.hasAttribute("query") && this.getAttribute("query") !== this.#given) {
      this.#given = this.input.value = this.getAttribute("query");
    }
    this.search(this.input.value);
  }

  said(answer) {
    const offers = answer.suggestions.map((offer) => {
      const button = make("button", "spelling", offer.text);
      button.type = "button";
      button.addEventListener("click", () => {
        this.search((this.input.value = offer.text));
        this.input.focus();
      });
      return make("li", "note", "Did you mean ", button, "?");
    });
    return [...super.said(answer), ...offers];
  }

  onKey(event) {
    const links = [...this.list.querySelectorAll(".link")];
    const inBox = this.shadowRoot.activeElement === this.input;
    const first = this.shadowRoot.activeElement === links[0];
    if (event.key === "Escape" && (!inBox || this.input.value)) {
      if (inBox) this.search((this.input.value = ""));
      this.input.focus();
    } else if (event.key === "ArrowDown" && inBox && links.length) links[0].focus();
    else if (event.key === "ArrowUp" && first && !inBox) this.input.focus();
    else return super.onKey(event);
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("byline-results", BylineResults);
customElements.define("byline-search", BylineSearch);
