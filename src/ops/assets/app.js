// What the pages gain from a script; without it they are complete.
// Live refresh, ages that count on, keys, copying. No inline handlers, no markup from strings.

const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const body = document.body;
let paused = false;
const french = document.documentElement.lang.startsWith("fr");
const t = (en, fr) => (french ? fr : en);
const STALE = t("Stale. ", "Périmé. ");

// ── Saying things to those who cannot see ───────────────────────────────
let lastSaid = 0;
function say(text) {
  const now = Date.now();
  if (now - lastSaid < 30_000) return;
  lastSaid = now;
  $("[data-say]").textContent = text;
}

// ── Copy ─────────────────────────────────────────────────────────────────
function dress(root) {
  for (const button of $$("[data-copy], [data-print]", root)) button.hidden = false;
  for (const line of $$(".keys", root)) line.hidden = false;
}
document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard?.writeText(copy.dataset.copy || location.href);
    const before = [...copy.childNodes];
    copy.replaceChildren(t("Copied", "Copié"));
    setTimeout(() => copy.replaceChildren(...before), 2_000);
  }
  if (event.target.closest("[data-print]")) print();
  const pause = event.target.closest("[data-pause]");
  if (pause) {
    paused = !paused;
    pause.textContent = paused ? t("Resume updates", "Reprendre les mises à jour") : t("Pause updates", "Suspendre les mises à jour");
    if (!paused) refresh();
  }
});

// ── Ages: a page left open grows old by itself ──────────────────────────
const opened = new WeakMap();
function age(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
function tick() {
  for (const span of $$("[data-age]")) {
    if (!opened.has(span)) opened.set(span, performance.now());
    const seconds = Number(span.dataset.age) + Math.floor((performance.now() - opened.get(span)) / 1_000);
    const stale = seconds > 60;
    span.parentElement.classList.toggle("is-stale", stale);
    if (stale) {
      span.textContent = STALE + t(`Updated ${age(seconds)} ago`, `Mis à jour il y a ${age(seconds)}`);
      if (!document.title.startsWith(STALE)) document.title = STALE + document.title;
      say(t("What you see is stale", "Ce que vous voyez est périmé"));
    } else if (seconds > 10) {
      span.textContent = `${age(seconds)} ${t("behind", "de retard")}`;
    } else if (!paused) {
      span.textContent = t("Live. Updated ", "En direct. Mis à jour ")
        + (seconds < 2 ? t("just now", "à l’instant") : t(`${seconds} s ago`, `il y a ${seconds} s`));
    }
  }
}

// ── Live: hear that something changed, fetch the page, swap its parts ───
let busy = false;
let again = false;
function inUse(part) {
  return part.contains(document.activeElement) || $("details[open]", part)
    || (!getSelection().isCollapsed && part.contains(getSelection().anchorNode));
}
// A part may grow under its reader's eyes, and does not shrink: what is below stays where it is being read.
function isAsItWas(part, other) {
  const held = part.style.minHeight;
  part.removeAttribute("style");
  const same = other.isEqualNode(part);
  if (held) part.style.minHeight = held;
  return same;
}
function swap(part, other) {
  const before = part.offsetHeight;
  part.replaceWith(other);
  if (other.offsetHeight < before) other.style.minHeight = `${before}px`;
}
function letGo() {
  for (const part of $$("[data-part]")) part.removeAttribute("style");
}
async function refresh() {
  if (paused || document.hidden) return;
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.redirected && new URL(answer.url).pathname === "/sign-in") return location.reload();
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const before = $("h1")?.textContent;
    for (const part of $$("[data-part]")) {
      const other = $(`[data-part="${part.dataset.part}"]`, fresh);
      if (!other) continue;
      dress(other);
      if (inUse(part) || isAsItWas(part, other)) continue;
      swap(part, document.adoptNode(other));
    }
    document.title = fresh.title;
    const after = $("h1")?.textContent;
    if (after && after !== before) say(after);
    tick();
  } catch {
    // The ages go on, so that a server that is gone shows as stale.
  } finally {
    busy = false;
    if (again) { again = false; setTimeout(refresh, 2_000); }
  }
}
let source;
function listen() {
  source?.close();
  if (document.hidden) return;
  source = new EventSource("/live");
  source.addEventListener("changed", refresh);
}
if (body.hasAttribute("data-live")) {
  listen();
  document.addEventListener("visibilitychange", () => { if (document.hidden) letGo(); listen(); refresh(); });
  addEventListener("resize", letGo);
  addEventListener("pagehide", () => source?.close());
  // Where the stream is refused, or says nothing for long, look anyway.
  setInterval(refresh, 30_000);
}
setInterval(tick, 5_000);

// ── Keys; off for those who speak to their computer ─────────────────────
const rooms = () => $$(".side [data-go]").map((link) => [`g ${link.dataset.go}`, $("span", link).textContent.trim()]);
const KEYS = () => [
  ["/", t("Find or jump to", "Trouver ou aller à")], ["f", t("Support code", "Code de soutien")], ...rooms(),
  ["j, k", t("Next and previous row", "Ligne suivante, précédente")], ["[, ]", t("Call before and after", "Appel d’avant, d’après")],
  ["c", t("Copy the address", "Copier l’adresse")], ["u", t("UTC on and off", "UTC ou heure locale")],
  ["p", t("Pause and resume", "Suspendre et reprendre")], ["?", t("This list", "Cette liste")],
];
const off = () => localStorage.getItem("keys") === "off";
let going = 0;
function rows(step) {
  const links = $$("tbody .rowlink").filter((link) => link.offsetParent);
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
}
function make(name, text, ...children) {
  const element = document.createElement(name);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}
function help() {
  const list = make("dl");
  list.className = "kv";
  for (const [key, does] of KEYS()) list.append(make("dt", "", make("kbd", key)), make("dd", does));
  const box = make("input");
  box.type = "checkbox";
  box.checked = !off();
  box.addEventListener("change", () => localStorage.setItem("keys", box.checked ? "on" : "off"));
  const label = make("label", "", box, t(" Single keys are on", " Les touches seules sont actives"));
  const close = make("button", t("Close", "Fermer"));
  close.className = "btn";
  const form = make("form", "", make("h2", t("Keys", "Touches")), list, label, close);
  form.method = "dialog";
  const dialog = make("dialog", "", form);
  dialog.className = "help";
  dialog.setAttribute("aria-label", t("Keys", "Touches"));
  dialog.addEventListener("close", () => dialog.remove());
  body.append(dialog);
  dialog.showModal();
}
document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, select, textarea, dialog");
  if (event.key === "Escape" && field) event.target.blur();
  if (field || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "?") return help();
  if (off()) return;
  const key = event.key;
  const took = () => event.preventDefault();
  if (going > Date.now() - 1_500) {
    going = 0;
    const link = $(`.side [data-go="${CSS.escape(key)}"]`);
    if (link) { took(); link.click(); }
    return;
  }
  const target = $(`[data-key="${CSS.escape(key)}"]`);
  if (target?.matches("input")) { took(); target.focus(); target.select(); }
  else if (target) { took(); target.click(); }
  else if (key === "g") going = Date.now();
  else if (key === "j" || key === "k") { took(); rows(key === "j" ? 1 : -1); }
  else if (key === "c") navigator.clipboard?.writeText(location.href).then(() => say(t("Address copied", "Adresse copiée")));
  else if (key === "u") $("[data-utc]")?.click();
  else if (key === "p") $("[data-pause]")?.click();
});

dress(document);
tick();
