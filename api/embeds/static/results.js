/* What both elements do: ask, show, say what went wrong. */

const SCRIPT = document.currentScript ?? document.querySelector('script[src*="/widget/byline.js"]');
const HOME = SCRIPT?.src ? new URL("..", SCRIPT.src).href : null;
const SHEET = new CSSStyleSheet();
SHEET.replaceSync(`:host { display: block; margin-block: 1rem } :host([hidden]), :host([empty]) { display: none } ${STYLE}`);
const UNREACHABLE = "The archive cannot be reached just now. Try again in a moment.";

class Refusal extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

class Results extends HTMLElement {
  static observedAttributes = ["endpoint", "key", "mode", "filter", "limit", "query"];

  query = "";
  #hits = [];
  #next = null;
  #asking = null;
  #planned = false;

  constructor() {
    super();
    this.status = make("p", "status");
    this.status.setAttribute("role", "status");
    this.error = make("p", "error");
    this.error.setAttribute("role", "alert");
    this.error.hidden = true;
    this.notes = make("ul", "notes");
    this.list = make("ol", "list");
    this.list.setAttribute("role", "list");
    this.more = make("button", "more", "Show more");
    this.more.type = "button";
    this.more.hidden = true;
    this.more.addEventListener("click", () => this.#next && this.ask(this.#next));
    this.legend = make("p", "legend", "Marked: ", make("mark", "words", "your words"), " and ",
      make("mark", "meaning", "the sentence closest in meaning"), ".");
    this.legend.hidden = true;
    this.box = make("div", "box", this.error, this.notes, this.list, this.more, this.legend);
    this.box.className = "byline";
    this.box.addEventListener("keydown", (event) => this.onKey(event));
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [SHEET];
    root.append(this.box);
  }

  connectedCallback() {
    this.plan();
  }

  disconnectedCallback() {
    this.#asking?.abort();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.plan();
  }

  /** Asks once for however many attributes change together. */
  plan() {
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      if (this.isConnected) this.begin();
    });
  }

  begin() {
    this.search(this.getAttribute("query") ?? "");
  }

  /** Searches for another query. @param {string} query */
  search(query) {
    this.query = query.trim();
    this.#next = null;
    if (this.query) return this.ask();
    this.#asking?.abort();
    this.clear();
  }

  clear() {
    this.#hits = [];
    this.list.replaceChildren();
    this.notes.replaceChildren();
    this.status.textContent = "";
    this.error.hidden = this.more.hidden = this.legend.hidden = true;
    this.error.textContent = "";
    this.box.removeAttribute("aria-busy");
  }

  /** How many to ask for. */
  get wanted() {
    return this.getAttribute("limit") ?? "10";
  }

  /** @param {?string} cursor of the page after those that are shown */
  address(cursor) {
    const endpoint = this.getAttribute("endpoint") ?? HOME;
    let url;
    try {
      url = new URL("api/v1/search", new URL(endpoint.replace(/\/?$/, "/"), document.baseURI));
    } catch {
      throw new Refusal("bad-endpoint", "The endpoint attribute must be the address of a Byline server.");
    }
    for (const [name, value] of new URLSearchParams(this.getAttribute("filter") ?? "")) url.searchParams.append(name, value);
    url.searchParams.set("q", this.query);
    url.searchParams.set("limit", this.wanted);
    url.searchParams.set("passages", "1");
    if (this.getAttribute("mode")) url.searchParams.set("mode", this.getAttribute("mode"));
    if (cursor) url.searchParams.set("cursor", cursor);
    return url;
  }

  async ask(cursor = null) {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    this.box.setAttribute("aria-busy", "true");
    this.more.setAttribute("aria-disabled", "true");
    try {
      const answer = await this.fetch(this.address(cursor), asking.signal);
      if (asking.signal.aborted) return;
      if (!cursor) this.clear();
      this.show(answer);
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      if (!cursor) this.clear();
      this.refuse(error);
    } finally {
      if (this.#asking === asking) {
        this.box.removeAttribute("aria-busy");
        this.more.removeAttribute("aria-disabled");
      }
    }
  }

  async fetch(url, signal) {
    const key = this.getAttribute("key");
    const headers = { Accept: "application/json", ...(key && { Authorization: `Bearer ${key}` }) };
    let response, body;
    try {
      response = await fetch(url, { headers, signal, credentials: "omit" });
      body = await response.json();
    } catch {
      throw new Refusal("unreachable", UNREACHABLE);
    }
    if (response.ok) return body;
    const said = [body.title, body.detail].filter((part) => typeof part === "string").join(" ");
    throw new Refusal(String(body.code ?? response.status), said || UNREACHABLE);
  }

  /** @param {Refusal} refusal */
  refuse({ code, message }) {
    this.error.textContent = message;
    this.error.hidden = false;
    this.tell("byline:error", { query: this.query, code, message });
  }

  show(answer) {
    const hits = this.chosen(answer.hits);
    this.error.hidden = true;
    this.#next = answer.next ?? null;
    this.more.hidden = !this.#next;
    this.status.textContent = answer.total.sentence;
    if (!this.#hits.length) this.notes.replaceChildren(...this.said(answer));
    const items = hits.map((hit) => this.item(hit));
    const focus = this.#hits.length ? items[0]?.querySelector(".link") : null;
    this.#hits.push(...hits);
    this.list.append(...items);
    this.legend.hidden = !this.list.querySelector("mark.meaning");
    focus?.focus();
    this.tell("byline:results", { query: this.query, total: answer.total, hits: [...this.#hits] });
  }

  /** What its writer should know of the query. */
  said(answer) {
    return answer.query.notes.map((note) => make("li", "note", note.message));
  }

  chosen(hits) {
    return hits;
  }

  /** @param {Hit} hit */
  item(hit) {
    const { article } = hit;
    const url = webAddress(article.url) ?? this.page(article);
    const spans = hit.title_highlights.map((span) => ({ ...span, kind: "words" }));
    const letters = Array.from(article.title.trim() ? article.title : "Untitled");
    const link = make(url ? "a" : "button", "link", marked(letters, spans));
    if (url) link.href = url;
    else link.type = "button";
    link.addEventListener("click", (event) => {
      if (!this.tell("byline:select", { query: this.query, hit, url })) event.preventDefault();
    });
    const item = make("li", "item", make("p", "title", link));
    const facts = [
      article.authors.length && make("span", "author", article.authors.join(", ")),
      article.publication && make("span", "publication", article.publication),
      article.date && make("span", "date", spoken(article.date)),
    ].filter(Boolean);
    if (facts.length) item.append(make("p", "facts", ...facts.flatMap((fact, at) => (at ? [" · ", fact] : [fact]))));
    for (const passage of hit.passages) {
      const text = Array.from(passage.text);
      const [from, to] = excerpt(text, passage);
      const quoted = make("p", "passage", marked(text, passage.highlights, passage.start, from, to));
      if (from > 0) quoted.prepend("… ");
      if (to < text.length) quoted.append(" …");
      item.append(quoted);
    }
    for (const element of item.querySelectorAll(".link, .author, .publication, .passage")) element.dir = "auto";
    return item;
  }

  /** The archive's own page of an article; an archive that needs a key has none to show. */
  page(article) {
    if (this.getAttribute("key")) return null;
    const url = new URL("../../article", this.address());
    url.search = new URLSearchParams({ name: article.id, q: this.query });
    return webAddress(url.href);
  }

  /** @returns {boolean} whether nobody prevented what would follow */
  tell(type, detail) {
    return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable: type === "byline:select" }));
  }

  /** Arrow keys, Home and End walk through the results; Enter is the link's own. */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const links = [...this.list.querySelectorAll(".link")];
    const at = links.indexOf(this.shadowRoot.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    links[to]?.focus();
  }
}
