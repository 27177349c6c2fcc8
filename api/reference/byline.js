"use strict";
// As on the pages: the theme that was chosen there, else the system's.
const system = window.matchMedia("(prefers-color-scheme: dark)");

function chosenTheme() {
  try {
    return localStorage.getItem("byline-theme");
  } catch {
    // Storage is forbidden: the system's own theme holds.
    return null;
  }
}

function useTheme() {
  const chosen = chosenTheme();
  const dark = chosen === "dark" || (chosen !== "light" && system.matches);
  document.documentElement.classList.toggle("dark-mode", dark);
}

useTheme();
system.addEventListener("change", useTheme);

window.SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  displayRequestDuration: true,
  // Nothing is sent to another host, not even to have the document judged.
  validatorUrl: null,
  // Of those that it has, the one whose every colour can be read on its ground.
  syntaxHighlight: { theme: "obsidian" },
});
