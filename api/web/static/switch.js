// The switch between light and dark. The choice is kept on this device alone.
const button = document.querySelector("[data-theme-switch]");
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function dark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
}

function label() {
  button.textContent = dark() ? "Light" : "Dark";
  button.setAttribute("aria-label", dark() ? "Use light colours" : "Use dark colours");
}

button.hidden = false;
label();
system.addEventListener("change", label);
button.addEventListener("click", () => {
  root.dataset.theme = dark() ? "light" : "dark";
  try {
    localStorage.setItem("byline-theme", root.dataset.theme);
  } catch {
    // It holds for this page.
  }
  label();
});
