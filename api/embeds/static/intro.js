/*
 * <byline-search> and <byline-results>: an archive's results in any page.
 *
 *   <script src="https://archive.example/widget/byline.js" defer></script>
 *   <byline-search placeholder="Search our columns"></byline-search>
 *   <byline-results query="rent control" limit="3"></byline-results>
 *
 * docs/embedding.md describes attributes, events, parts and properties. What an article says is
 * only ever put in as text, and the style sheet is made by script, so that the page around can
 * keep the strictest Content-Security-Policy (it needs this script's host in script-src and
 * connect-src). All offsets are Unicode code points, so texts are cut as arrays of these.
 *
 * @typedef {{start: number, end: number, kind: "words" | "meaning"}} Highlight
 * @typedef {{start: number, end: number, text: string, highlights: Highlight[]}} Passage
 * @typedef {{id: string, title: string, authors: string[], publication: ?string, date: ?string,
 *            url: ?string}} Article
 * @typedef {{rank: number, score: number, article: Article, passages: Passage[],
 *            title_highlights: {start: number, end: number}[]}} Hit
 * @typedef {{articles: number, by_words: number, by_meaning_only: number, sentence: string}} Total
 * @typedef {{query: string, total: Total, hits: Hit[]}} ResultsDetail  of byline:results
 * @typedef {{query: string, hit: Hit, url: ?string}} SelectDetail      of byline:select
 * @typedef {{query: string, code: string, message: string}} ErrorDetail of byline:error
 */
