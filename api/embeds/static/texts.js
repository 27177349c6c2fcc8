/* Texts as elements: everything goes in as text. Offsets count code points, so texts are cut as
   arrays of these. */

/** Code points of a passage that are shown: about four lines. */
const SHOWN = 300;
/** How far before what was found an excerpt may begin. */
const LEAD = 90;
const MONTHS = (
  "January February March April May June July August September October November December"
).split(" ");

/**
 * @param {string} tag
 * @param {string} names of its class, which are also its parts
 * @param {...(Node | string)} content
 */
function make(tag, names, ...content) {
  const element = document.createElement(tag);
  if (names) {
    element.className = names;
    element.setAttribute("part", names);
  }
  element.append(...content);
  return element;
}

/** What only a screen reader says. @param {string} text */
function unseen(text) {
  const element = document.createElement("span");
  element.className = "unseen";
  element.textContent = text;
  return element;
}

/**
 * `letters[from:to]` with its marks; `letters` begin at `offset` of what highlights point into.
 * @param {string[]} letters @param {Highlight[]} highlights
 */
function marked(letters, highlights, offset = 0, from = 0, to = letters.length) {
  const whole = document.createDocumentFragment();
  const kinds = letters.map(() => 0);
  for (const mark of highlights) {
    const bit = mark.kind === "meaning" ? 2 : 1;
    for (let at = Math.max(0, mark.start - offset); at < mark.end - offset && at < kinds.length; at++) kinds[at] |= bit;
  }
  let outer = whole;
  for (let at = from, next; at < to; at = next) {
    for (next = at + 1; next < to && kinds[next] === kinds[at]; ) next++;
    const meaning = (kinds[at] & 2) !== 0;
    if (meaning && outer === whole) {
      outer = make("mark", "meaning", unseen("Closest in meaning: "));
      whole.append(outer);
    } else if (!meaning) outer = whole;
    const text = letters.slice(at, next).join("");
    outer.append(kinds[at] & 1 ? make("mark", "words", text) : text);
  }
  return whole;
}

/**
 * Where the part of a passage that is shown begins and ends: it holds as much of what was found
 * as it can, and begins with a sentence if one begins shortly before that.
 * @param {string[]} letters @param {Passage} passage
 */
function excerpt(letters, passage) {
  if (letters.length <= SHOWN * 1.2) return [0, letters.length];
  const marks = passage.highlights.map(({ start, kind }) => ({ at: start - passage.start, worth: kind === "words" ? 1 : 2 }));
  const worth = (from) =>
    marks.reduce((sum, { at, worth }) => (at >= from && at < from + SHOWN - LEAD ? sum + worth : sum), 0);
  const first = marks.reduce((best, { at }) => (worth(at) > worth(best) ? at : best), marks[0]?.at ?? 0);
  const start = beginning(letters, first);
  let end = Math.min(letters.length, start + SHOWN);
  while (end < letters.length && end > start + SHOWN / 2 && !isSpace(letters[end])) end--;
  return [start, end];
}

/** The sentence's or else a word's beginning before `place`. @param {string[]} letters */
function beginning(letters, place) {
  let word = place;
  for (let at = place; at >= Math.max(0, place - LEAD); at--) {
    if (at === 0 || (isSpace(letters[at - 1]) && /[.!?…”"’)]/u.test(letters[at - 2] ?? ""))) return at;
    if (isSpace(letters[at - 1]) && place - at <= LEAD / 2) word = at;
  }
  return word;
}

/** @param {string} letter */
function isSpace(letter) {
  return /\s/u.test(letter);
}

/** 1908, May 1908, 29 July 2022: as precisely as it is known. @param {?string} iso */
function spoken(iso) {
  const [year, month, day] = (iso ?? "").split("T")[0].split("-");
  return [day && Number(day), month && MONTHS[Number(month) - 1], year && Number(year)].filter(Boolean).join(" ");
}

/** `text` as an address of the web, or null: no javascript:, no data:. @param {?string} text */
function webAddress(text) {
  try {
    const url = new URL(text ?? "");
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}
