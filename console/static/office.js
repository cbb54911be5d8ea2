// Small helps for pages of the office. Every page works without them.
(() => {
  "use strict";
  const lost = document.getElementById("lost");
  // A lost connection says since when (htmx raises these on every failed question).
  const gone = () => {
    if (!lost || !lost.hidden) return;
    const at = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    lost.textContent = lost.dataset.words.replace("…", at);
    lost.hidden = false;
  };
  document.body.addEventListener("htmx:sendError", gone);
  document.body.addEventListener("htmx:responseError", gone);
  document.body.addEventListener("htmx:afterOnLoad", (event) => {
    if (lost && event.detail.successful) lost.hidden = true;
  });
  // A part of a page that is shown anew keeps open what was open in it.
  const folds = (part) => [...part.querySelectorAll("details")].map((one, at) => [
    one.id || `${(one.closest("[id]") || part).id}/${at}`, one,
  ]);
  let open = new Set();
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    open = new Set(folds(event.detail.target).filter(([, one]) => one.open).map(([name]) => name));
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    for (const [name, one] of folds(event.detail.target)) if (open.has(name)) one.open = true;
  });
  // What changes above the reader does not push away what they read: the first thing in sight stays where it is.
  let held = null;
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const stays = (one) => one.id || !event.detail.target.contains(one);
    const top = (one) => one.getBoundingClientRect().top;
    const inSight = (one) => one.offsetParent && stays(one) && top(one) >= 0 && top(one) < window.innerHeight;
    const one = window.scrollY ? [...document.querySelectorAll("main :is(h2, h3, p, li, tr, summary, [id])")].find(inSight) : null;
    held = one ? { one, top: top(one) } : null;
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    const one = held && (held.one.isConnected ? held.one : document.getElementById(held.one.id));
    if (one) window.scrollBy(0, one.getBoundingClientRect().top - held.top);
    held = null;
  });
  // A summary of errors is read first.
  const summary = document.querySelector(".summary");
  if (summary) summary.focus();
  // A form is sent once, however often the button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || "again" in form.dataset) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
  // "Choose all" of a table.
  document.addEventListener("change", (event) => {
    const name = event.target.dataset && event.target.dataset.all;
    if (!name) return;
    for (const one of event.target.closest("form").querySelectorAll(`input[type=checkbox][name="${name}"]`)) {
      one.checked = event.target.checked;
    }
  });
})();
