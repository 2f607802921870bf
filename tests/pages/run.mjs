// Looks at every page of a running ops site in a browser, and fails on what a person would trip over:
// accessibility violations, errors in the console, sideways scrolling, heavy pages. Saves a picture of
// each page, light and dark, on a desk and on a phone, and goes once more without script.
//
//   node run.mjs --base http://127.0.0.1:8081 [--link http://127.0.0.1:8081/sign-in/…] --out DIR
//
// Needs `npm ci` here once, and a Chromium (CHROMIUM=/path, else /usr/bin/chromium).

import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { failedCall, tasks } from "./tasks.mjs";

const { values } = parseArgs({
  options: { base: { type: "string" }, link: { type: "string" }, out: { type: "string" } },
});
if (!values.base || !values.out) {
  console.error("usage: node run.mjs --base URL [--link SIGN-IN-URL] --out DIR");
  process.exit(2);
}
const base = values.base.replace(/\/$/, "");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const SIZES = { "1440x900": { width: 1440, height: 900 }, "390x844": { width: 390, height: 844 } };
const MOST_BYTES = 100_000;
const MOST_REQUESTS = 5;

const problems = [];
const lines = [];
const problem = (where, what) => { problems.push(`${where}: ${what}`); console.log(`  ✗ ${where}: ${what}`); };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--no-first-run"],
});
await mkdir(values.out, { recursive: true });

// ── Sign in ──────────────────────────────────────────────────────────────
const first = await browser.newContext();
const start = await first.newPage();
if (values.link) {
  await start.goto(values.link);
  await start.getByRole("button", { name: "Sign in" }).click();
  await start.waitForLoadState();
  if (new URL(start.url()).pathname !== "/") {
    console.error("the sign-in link no longer works: it works once, so give a fresh one");
    process.exit(2);
  }
}
await start.goto(`${base}/`);
const storageState = await first.storageState();

// The demo's story has trouble soon after its start; an incident opens when the watch is sure of it.
const INCIDENT_WITHIN_MS = 180_000;
for (const until = Date.now() + INCIDENT_WITHIN_MS; Date.now() < until; ) {
  await start.goto(`${base}/incidents`);
  if (await start.locator("main .rowlink").count()) break;
  await start.waitForTimeout(2_000);
}

// ── Which pages: every room in the navigation, and the first thing in each ──
const rooms = await start.$$eval(".side .nav a", (links) => links.map((a) => a.getAttribute("href")));
const paths = new Map(rooms.map((href) => [href === "/" ? "now" : href.slice(1), { path: href }]));
for (const room of rooms) {
  await start.goto(base + room);
  const inside = await start.$$eval("main .rowlink", (links) => links.map((a) => a.getAttribute("href")));
  const one = inside.find((href) => href.startsWith("/") && !paths.has(href.slice(1)));
  if (one) paths.set(`${room === "/" ? "now" : room.slice(1)}-one`, { path: one });
}
await start.goto(`${base}/calls?outcome=failed`);
const failed = await start.$eval("main .rowlink", (a) => a.getAttribute("href")).catch(() => null);
if (failed) paths.set("call-failed", { path: failed });
paths.set("calls-failed", { path: "/calls?outcome=failed" });
paths.set("calls-none", { path: "/calls?support_code=0000-0000" });
// An incident in French, and one runbook that a cause leads to.
const incident = paths.get("incidents-one");
if (incident) paths.set("incident-french", { path: `${incident.path}?lang=fr` });
else problem("incidents", "there is none to look at");
paths.set("runbook-of-cause", { path: "/runbooks/AccuscopeUpstreamOutage" });
paths.set("roles", { path: "/roles" });
paths.set("kept", { path: "/kept" });
paths.set("now-utc", { path: "/?tz=utc" });
// A verdict, as somebody reaches it: the code of a call that failed, pasted.
if (failed) {
  await start.goto(base + failed);
  const code = (await start.locator(".pick").first().textContent()).trim();
  await start.goto(`${base}/find`);
  await start.locator("#f-code").fill(code);
  await start.locator("#f-code").press("Enter");
  await start.waitForURL("**/d/*");
  paths.set("diagnosis", { path: new URL(start.url()).pathname });
  paths.set("diagnosis-french", { path: `${new URL(start.url()).pathname}?lang=fr` });
} else problem("diagnosis", "no call failed, so there is nothing to ask about");
paths.set("no-diagnosis", { path: "/d/0123456789abcdefghijklmn", status: 404 });
paths.set("adoption-first-week", { path: "/adoption?week=2026-W01" });
for (const room of ["clinics", "clinics/new", "apps", "apps/new", "retention", "catalogue", "environment", "health"]) {
  paths.set(`settings/${room}`, { path: `/settings/${room}` });
}
await start.goto(`${base}/settings/clinics`);
paths.set("settings/clinic", { path: await start.$eval("main .rowlink", (a) => a.getAttribute("href")) });
await start.goto(`${base}/settings/apps`);
paths.set("settings/app", { path: await start.$eval("main .rowlink", (a) => a.getAttribute("href")) });
paths.set("people", { path: "/people" });
paths.set("own-account", { path: "/me" });
paths.set("sign-in", { path: "/sign-in" });
paths.set("not-found", { path: "/no-such-page", status: 404 });
paths.set("metrics", { path: "/runbooks/metrics" });
// What says no: of each kind one.
paths.set("no-clinic", { path: "/clinics/nowhere", status: 404 });
paths.set("no-call", { path: "/calls/01939f6e-5a2b-7c3d-8e4f-0123456789ab", status: 404 });
paths.set("no-code", { path: "/code/7KQ4-M2PX", status: 404 });
paths.set("no-share", { path: "/shared/0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", status: 404 });
paths.set("link-spent", { path: "/sign-in/a-link-that-was-used-before", status: 410 });

// ── Each page, in each look ─────────────────────────────────────────────
async function look(context, name, { path, status = 200 }, look) {
  const where = `${name} ${look}`;
  const page = await context.newPage();
  let requests = 0;
  let bytes = 0;
  page.on("response", async (response) => {
    // A refresh of a live page is no part of loading it.
    const type = response.request().resourceType();
    if (type === "fetch") return;
    requests += 1;
    if (type !== "eventsource") bytes += (await response.body().catch(() => "")).length;
  });
  page.on("pageerror", (error) => problem(where, `script error: ${error.message}`));
  page.on("console", (message) => {
    const expected = status !== 200 && message.text().includes(String(status));
    if (message.type() === "error" && !expected) problem(where, `console: ${message.text()}`);
  });
  const answer = await page.goto(base + path, { waitUntil: "load" });
  if (answer.status() !== status) problem(where, `status ${answer.status()}`);
  await page.waitForTimeout(150);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) problem(where, `scrolls sideways by ${wide} px`);
  await page.evaluate(axe);
  const found = await page.evaluate((rules) => axe.run(document, { runOnly: rules }), RULES);
  for (const each of found.violations) {
    problem(where, `${each.id}: ${each.help} (${each.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")})`);
  }
  if (bytes > MOST_BYTES) problem(where, `${bytes} bytes`);
  if (requests > MOST_REQUESTS) problem(where, `${requests} requests`);
  await page.screenshot({ path: `${values.out}/${name.replaceAll("/", "-")}-${look}.png`, fullPage: true });
  lines.push({ name, look, path, bytes, requests, violations: found.violations.length });
  await page.close();
}

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    const phone = viewport.width < 500;
    const context = await browser.newContext({ storageState, viewport, colorScheme, isMobile: phone, hasTouch: phone });
    for (const [name, page] of paths) await look(context, name, page, `${size}-${colorScheme}`);
    await context.close();
  }
}

// ── The report on paper, as the browser prints it ────────────────────────
{
  const context = await browser.newContext({ storageState, viewport: SIZES["1440x900"], colorScheme: "dark" });
  const page = await context.newPage();
  const report = paths.get("adoption-one")?.path;
  for (const [name, path] of [["adoption", "/adoption"], ["adoption-one", report]]) {
    if (!path) { problem("paper", "no clinic in the report"); continue; }
    await page.goto(base + path);
    await page.emulateMedia({ media: "print" });
    const seen = (selector) => page.locator(selector).first().isVisible();
    if (await seen(".actions") || await seen(".side")) problem(`${name} on paper`, "buttons or navigation are printed");
    if (!(await page.getByText("No patient or staff names in this report").first().isVisible())) problem(`${name} on paper`, "the head is missing");
    await page.pdf({ path: `${values.out}/${name}-print.pdf`, format: "Letter", printBackground: true });
    await page.emulateMedia({ media: "screen" });
  }
  await context.close();
}

// ── Somebody who sees one clinic, with a second factor: pages that no address shows ──
async function seen(page, name) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) problem(`${name} ${size}`, `scrolls sideways by ${wide} px`);
    await page.evaluate(axe);
    const found = await page.evaluate((rules) => axe.run(document, { runOnly: rules }), RULES);
    for (const each of found.violations) problem(`${name} ${size}`, `${each.id}: ${each.help}`);
    await page.screenshot({ path: `${values.out}/${name}-${size}.png`, fullPage: true });
    lines.push({ name, look: size, bytes: 0, requests: 0, violations: found.violations.length });
  }
}
{
  const admin = await browser.newContext({ storageState, viewport: SIZES["1440x900"] });
  const people = await admin.newPage();
  await people.goto(`${base}/clinics`);
  const clinic = (await people.$eval("main .rowlink", (a) => a.getAttribute("href"))).split("/").pop();
  await people.goto(`${base}/people`);
  const name = `pat${Date.now() % 100000}`;
  await people.fill("#add-name", name);
  await people.fill("#add-sees", clinic);
  await people.getByRole("button", { name: "Add and make a link" }).click();
  await people.waitForLoadState();
  await seen(people, "people-added");
  const link = (await people.locator("code.pick").first().textContent()).trim();
  await people.goto(`${base}/writes`);
  await people.getByRole("button", { name: /Switch writes off/ }).click();
  await people.waitForLoadState();
  await seen(people, "writes-sure");
  await admin.close();

  const own = await browser.newContext({ viewport: SIZES["1440x900"] });
  const page = await own.newPage();
  await page.goto(link);
  const passphrase = "heron moss lamp kettle";
  await page.fill("#new", passphrase);
  await page.fill("#again", passphrase);
  await page.getByRole("button", { name: "Keep it and sign in" }).click();
  await page.waitForURL(`${base}/`);
  await seen(page, "now-one-clinic");
  await page.goto(`${base}/clinics`);
  await seen(page, "clinics-one-clinic");
  const shown = await page.locator("main .rowlink").count();
  if (shown !== 1) problem("clinics-one-clinic", `${shown} clinics are shown`);
  await page.goto(`${base}/me`);
  await seen(page, "own-account-of-person");
  await page.fill("#factor-current", passphrase);
  await page.getByRole("button", { name: "Set it up" }).click();
  await page.waitForLoadState();
  if (!(await page.isVisible("svg.qr"))) problem("second-factor", "no picture");
  await seen(page, "second-factor");
  await own.close();
}

// ── The menu of a phone, a code that is none, and a form of another session ──
{
  const context = await browser.newContext({ storageState, viewport: SIZES["390x844"], isMobile: true, hasTouch: true });
  const page = await context.newPage();
  await page.goto(`${base}/`);
  await page.locator(".mobilebar summary").tap();
  const menu = page.locator(".mobilebar .menu");
  for (const door of ["Settings", "Your account, look and language", "Show UTC"]) {
    if (!(await menu.getByRole("link", { name: door }).isVisible())) problem("menu", `no way to ${door}`);
  }
  await page.evaluate(axe);
  const found = await page.evaluate((rules) => axe.run(document, { runOnly: rules }), RULES);
  for (const each of found.violations) problem("menu", `${each.id}: ${each.help}`);
  await page.screenshot({ path: `${values.out}/menu-390x844.png` });
  await page.goto(`${base}/find`);
  await page.fill("#f-code", "0000-0001");
  await page.getByRole("button", { name: "Find out why" }).first().tap();
  await page.locator("#f-code[aria-invalid=true]").waitFor();
  await seen(page, "find-unknown");
  await page.goto(`${base}/writes`);
  await page.$$eval("[name=csrf-token]", (fields) => { for (const field of fields) field.value = "another's"; });
  if (values.link) {
    await page.getByRole("button", { name: /Switch writes off/ }).tap();
    await page.getByText("That form is from before you signed in").waitFor();
    await seen(page, "form-of-another-session");
  }
  await context.close();
}

// ── An admin enters a clinic, an app and a key; a second one is too late ─
{
  const admin = await browser.newContext({ storageState, viewport: SIZES["1440x900"] });
  const [page, other] = [await admin.newPage(), await admin.newPage()];
  const id = `willow-${Date.now() % 100000}`;
  await page.goto(`${base}/settings/clinics/new`);
  await page.fill("#s-id", id);
  await page.fill("#s-name", "Willow Creek Medical");
  await page.fill("#s-tenant", "not a tenant");
  await page.getByRole("button", { name: "Add the clinic" }).click();
  await page.waitForLoadState();
  await seen(page, "settings-mistake");
  await page.fill("#s-tenant", crypto.randomUUID());
  await page.getByRole("button", { name: "Add the clinic" }).click();
  await page.waitForURL(`**/settings/clinics/${id}`);
  await seen(page, "settings-clinic-here");
  await other.goto(page.url());
  await page.fill("#s-name", "Willow Creek Family Practice");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForLoadState();
  await other.fill("#s-name", "Willow Creek Clinic");
  await other.fill("#s-invited_staff", "9");
  await other.getByRole("button", { name: "Save" }).click();
  await other.waitForLoadState();
  await seen(other, "settings-conflict");
  const typed = [await other.inputValue("#s-name"), await other.inputValue("#s-invited_staff")].join();
  if (typed !== "Willow Creek Clinic,9") problem("settings-conflict", `what was typed is gone: ${typed}`);
  await page.goto(`${base}/settings/apps/new`);
  await page.fill("#s-id", `${id}-app`);
  await page.fill("#s-name", "Willow Creek intake");
  await page.fill("#s-clinics", id);
  await page.getByRole("button", { name: "Add the app" }).click();
  await page.waitForURL(`**/settings/apps/${id}-app`);
  await page.fill("#s-key-id", "2026-11");
  const sure = page.locator("[name=sure]");
  if (await sure.count()) await sure.check();
  await page.getByRole("button", { name: "Make the key" }).click();
  await page.waitForLoadState();
  await seen(page, "settings-key-made");
  if (!(await page.locator("code.pick").first().textContent()).startsWith("ack_")) problem("settings-key-made", "no key is shown");
  await page.locator("summary", { hasText: "Revoke" }).first().click();
  await page.getByRole("button", { name: "Revoke at once" }).first().click();
  await page.waitForLoadState();
  if (!(await page.getByText("Revoked").count())) problem("settings-key-made", "the key is not revoked");
  await seen(page, "settings-app-here");
  await admin.close();
}

// ── Keys ─────────────────────────────────────────────────────────────────
{
  const context = await browser.newContext({ storageState, viewport: SIZES["1440x900"] });
  const page = await context.newPage();
  const check = async (what, truth) => { if (!(await truth())) problem("keys", what); };
  await page.goto(`${base}/`);
  await page.keyboard.press("/");
  await check("/ goes to the box", () => page.evaluate(() => document.activeElement.id === "jump"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await check("? shows the keys", () => page.isVisible("dialog.help"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await page.waitForURL(`${base}/clinics`).catch(() => problem("keys", "g c goes to Clinics"));
  await page.keyboard.press("j");
  await check("j goes to the first row", () => page.evaluate(() => document.activeElement.matches("tbody .rowlink")));
  await page.keyboard.press("k");
  await check("k stays at the first row", () => page.evaluate(() => document.activeElement.matches("tbody .rowlink")));
  for (const [key, room] of [["s", "/settings"], ["i", "/incidents"], ["l", "/calls"], ["n", "/"]]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.waitForURL(base + room).catch(() => problem("keys", `g ${key} goes to ${room}`));
  }
  await page.goto(`${base}/`);
  await page.keyboard.press("Tab");
  await check("the first stop is the skip link", () => page.evaluate(() => document.activeElement.className === "skip"));
  await context.close();
}

// ── Without script: read, search by code, change the clock and the look ──
{
  const context = await browser.newContext({ storageState, viewport: SIZES["1440x900"], javaScriptEnabled: false });
  const page = await context.newPage();
  for (const [name, { path, status = 200 }] of paths) {
    const answer = await page.goto(base + path);
    if (answer.status() !== status) problem(`${name} without script`, `status ${answer.status()}`);
    if ((await page.locator("h1").count()) !== 1) problem(`${name} without script`, "not one first-level heading");
  }
  if (failed) {
    await page.goto(base + failed);
    const code = (await page.locator(".pick").first().textContent()).trim();
    await page.goto(`${base}/`);
    await page.locator("#f-code").fill(code.toLowerCase().replace("-", " "));
    await page.getByRole("button", { name: "Find out why" }).first().click();
    if (!new URL(page.url()).pathname.startsWith("/d/")) problem("without script", "a code does not lead to its verdict");
    for (const button of ["Tell me when it works", "Yes, that was it"]) {
      const there = page.getByRole("button", { name: button });
      if (await there.count()) { await there.click(); await page.waitForLoadState(); }
    }
    if (!(await page.getByText("You said that it was right").count())) problem("without script", "feedback is not kept");
    if (page.url().toLowerCase().includes("q=")) problem("without script", "what was typed stands in the address");
  }
  await page.goto(`${base}/?tz=clinic`);
  await page.getByRole("link", { name: "Show UTC" }).click();
  if (!(await page.getByText("Times: UTC.").count())) problem("without script", "the clock does not change");
  await page.getByRole("button", { name: "Dark" }).first().click();
  if ((await page.locator("html").getAttribute("data-theme")) !== "dark") problem("without script", "the look does not change");
  await page.screenshot({ path: `${values.out}/now-without-script.png`, fullPage: true });
  await context.close();
}

// ── What people come for, in clicks; by keyboard; and with a session that ends ──
{
  const page = await first.newPage();
  const call = await failedCall(page, base);
  await page.close();
  if (call) await tasks({ browser, base, admin: storageState, call, problem });
  else problem("tasks", "no call of a clinic failed, so there is nothing to find out");
}

// ── Every page at 200 %: 1280 pixels are 640 CSS pixels then ─────────────
{
  const context = await browser.newContext({ storageState, viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
  const page = await context.newPage();
  for (const [name, { path }] of paths) {
    await page.goto(base + path);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) problem(`${name} at 200 %`, `scrolls sideways by ${wide} px`);
    if (!(await page.locator("h1").first().isVisible())) problem(`${name} at 200 %`, "no heading in sight");
  }
  await context.close();
}

await browser.close();
await writeFile(`${values.out}/report.json`, JSON.stringify({ problems, pages: lines }, null, 2));
const most = Math.max(...lines.map((line) => line.bytes));
console.log(`${lines.length} looks at ${paths.size} pages, the heaviest ${most} bytes, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
