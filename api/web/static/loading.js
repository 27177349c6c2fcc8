// A bar at the top while the next page is on its way.
const root = document.documentElement;

function begin() {
  root.dataset.loading = "";
  document.querySelector("main").setAttribute("aria-busy", "true");
}

function end() {
  delete root.dataset.loading;
  document.querySelector("main").removeAttribute("aria-busy");
}

for (const form of document.querySelectorAll("form[method=get]")) {
  form.addEventListener("submit", () => {
    // Fields that say nothing are left out of the address.
    for (const field of form.querySelectorAll("input[name]")) {
      if (!field.value && field.name !== "q") field.disabled = true;
    }
    begin();
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey) return;
  if (event.shiftKey || link.hasAttribute("download") || link.origin !== location.origin) return;
  const href = new URL(link.href);
  const within = href.pathname === location.pathname && href.search === location.search;
  if (!within && !href.pathname.includes("/api/")) begin();
});

// Also when the page comes back from the browser's memory.
addEventListener("pageshow", () => {
  end();
  for (const field of document.querySelectorAll("form[method=get] input:disabled")) {
    field.disabled = false;
  }
});
