// Loaded before the page is drawn, so that a theme that was chosen does not flash.
try {
  const chosen = localStorage.getItem("byline-theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is forbidden: the system's own theme holds.
}
