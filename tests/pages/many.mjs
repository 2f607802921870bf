// Starts the program with 1,000 clinics, some of them entered on the site and many of them in trouble, and looks
// at every page: weight, requests, accessibility, 200 % zoom, and without script.
//
//   node many.mjs --program target/debug/accuscope --out DIR [--keep]
//
// Weight is what the browser holds when a page is loaded, assets included and nothing compressed, as in run.mjs.
// --keep leaves the program running, for a look by hand. Needs `npm ci` here once, and a Chromium
// (CHROMIUM=/path, else /usr/bin/chromium).

import { spawn, spawnSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const { values } = parseArgs({
  options: { program: { type: "string" }, out: { type: "string" }, keep: { type: "boolean" } },
});
if (!values.program || !values.out) {
  console.error("usage: node many.mjs --program PATH --out DIR [--keep]");
  process.exit(2);
}
const CLINICS = 1_000;
const HERE = 20;
// So many clinics have a day full of calls, of which some fail in every way; the others called once.
const BUSY = 150;
const MOST_BYTES = 100_000;
const MOST_REQUESTS = 5;
// With a debug build on a machine that does something else as well.
const MOST_MS = 4_000;
const problems = [];
const problem = (what) => { problems.push(what); console.log(`  ✗ ${what}`); };

// Names as long as they come.
const name = (n) => `Family Practice and Walk-in Clinic of New Westminster No. ${n}`;
const folder = await mkdtemp(join(tmpdir(), "accuscope-many-"));
const settings = join(folder, "accuscope.toml");
await writeFile(join(folder, "k1"), randomBytes(32), { mode: 0o600 });
const clinic = (n) => `[[clinics]]\nid = "clinic-${n}"\nname = "${name(n)}"\ntenant = "${randomUUID()}"\ntimezone = "America/Vancouver"\nphase = "live"\ninvited_staff = 12\n`;
await writeFile(settings, `environment = "sandbox"
proxy.listen = "127.0.0.1:0"
ops.listen = "127.0.0.1:0"
ops.auth = "off"
telemetry.listen = "127.0.0.1:0"
upstream.base_url = "http://127.0.0.1:9"
store.url = "sqlite:${folder}/store.db"
journal.dir = "${folder}/journal"
privacy.keys = { k1 = { file = "${folder}/k1" } }
${Array.from({ length: CLINICS - HERE }, (_, n) => clinic(n)).join("")}`);

// ── A day of calls ──────────────────────────────────────────────────────
const KINDS = [
  { status: 200, outcome: "ok", category: null, reason: null },
  { status: 403, outcome: "failed", category: "auth", reason: "forbidden" },
  { status: 422, outcome: "failed", category: "validation", reason: "unprocessable" },
  { status: 503, outcome: "failed", category: "transient", reason: "upstream_unavailable" },
];
const began = Date.now();
const base32 = "abcdefghijklmnopqrstuvwxyz234567";
const reference = (kind, n) => `${kind}_k1_${Array.from({ length: 26 }, (_, i) => base32[(n * 7 + i * (n % 11) + i) % 32]).join("")}`;
let made = 0;
function call(clinic, minutesAgo, kind, person) {
  made += 1;
  const at = began - minutesAgo * 60_000;
  const hex = (bytes) => randomBytes(bytes).toString("hex");
  const id = `${at.toString(16).padStart(12, "0").replace(/^(.{8})/, "$1-")}-7${hex(2).slice(1)}-8${hex(2).slice(1)}-${hex(6)}`;
  const code = Array.from(randomBytes(8), (byte) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[byte % 32]).join("");
  return JSON.stringify({
    v: 1, id, ts: new Date(at).toISOString().replace("Z", "000Z"), env: "sandbox", clinic: `clinic-${clinic}`,
    app: null, context: "provider", operation: "patient.read", domain: "patients", method: "GET",
    route: "/rest/v1/provider-portal/patients/{patientId}", api_version: "v1", mutation: false,
    status: kind.status, upstream_status: kind.status, outcome: kind.outcome, category: kind.category,
    reason: kind.reason, result_count: null, duration_us: 20_000 + (made % 97) * 3_000, upstream_us: 18_000,
    attempts: 1, source: "upstream", actor_ref: reference("ac", clinic * 40 + person),
    patient_ref: reference("pt", made % 1_000), token_ref: null, office: null, scopes: [], shape: null,
    error_signature: null, request_id: id, trace_id: hex(16), span_id: hex(8),
    support_code: `${code.slice(0, 4)}-${code.slice(4)}`, bytes_in: 0, bytes_out: 900, instance: "i-many",
  });
}
const lines = [];
for (let n = 0; n < CLINICS - HERE; n += 1) {
  if (n >= BUSY) { lines.push(call(n, 20 + (n % 900), KINDS[0], 0)); continue; }
  for (let half = 0; half < 48; half += 1) {
    for (let one = 0; one < 3; one += 1) {
      const kind = KINDS[(n + half * 3 + one * (1 + (half % 3))) % 4];
      lines.push(call(n, half * 30 + 2 + one * 5, kind, (half + one) % 9));
    }
  }
  // Some weeks, for the report.
  for (let day = 2; day < 24; day += 3) lines.push(call(n, day * 1_440, KINDS[0], day % 9));
}
const events = join(folder, "events.ndjson");
await writeFile(events, `${lines.join("\n")}\n`);
const imported = spawnSync(values.program, ["import", "--config", settings, events], { encoding: "utf8" });
if (imported.status !== 0) { console.error(imported.stdout, imported.stderr); process.exit(1); }
console.log(`${lines.length} calls imported`);

const child = spawn(values.program, ["serve", "--config", settings], { stdio: ["ignore", "pipe", "pipe"] });
const base = await new Promise((resolve, reject) => {
  let text = "";
  const hear = (piece) => {
    text += piece;
    const line = text.split("\n").find((one) => one.includes("accuscope serves"));
    if (line) resolve(`http://${JSON.parse(line).ops}`);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  child.on("exit", () => reject(new Error(text)));
});
let browser;
try {
  const form = (n) => new URLSearchParams({
    act: "add", id: `clinic-${n}`, name: name(n), tenant: randomUUID(),
    timezone: "America/Vancouver", phase: "live",
  });
  const headers = { "sec-fetch-site": "same-origin" };
  const post = (n) => fetch(`${base}/settings/clinics`, { method: "POST", body: form(n), headers, redirect: "manual" });
  for (const until = Date.now() + 20_000; (await fetch(`${base}/settings/clinics`)).status !== 200;) {
    if (Date.now() > until) throw new Error("the store is not reached");
  }
  const began = performance.now();
  for (let n = CLINICS - HERE; n < CLINICS; n += 1) {
    const { status } = await post(n);
    if (status !== 303) throw new Error(`clinic-${n}: ${status}`);
  }
  console.log(`${HERE} clinics entered, ${((performance.now() - began) / HERE).toFixed(1)} ms each`);
  if (values.keep) {
    console.log(base);
    await new Promise((resolve) => process.on("SIGTERM", resolve));
    throw new Error("ended");
  }

  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await mkdir(values.out, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const everywhere = [
    "/", "/find", "/clinics", "/clinics?page=50", "/clinics?state=failing", "/clinics/clinic-3", "/incidents", "/calls",
    "/calls?outcome=failed", "/adoption", "/adoption/clinic-3", "/runbooks", "/runbooks/metrics", "/writes",
    "/access-log", "/people", "/me", "/roles", "/kept", "/settings", "/settings/clinics", "/settings/clinics?page=10",
    "/settings/clinics/clinic-999", "/settings/clinics/new", "/settings/apps", "/settings/apps/new",
    "/settings/retention", "/settings/catalogue", "/settings/environment", "/settings/health",
  ];
  // Where the number of clinics shows.
  const long = ["/", "/find", "/clinics", "/clinics?page=50", "/calls", "/adoption", "/access-log", "/settings/clinics"];
  // 200 % of 1280 pixels are 640 CSS pixels. French is the longer language.
  for (const [look, paths, options] of [
    ["desk", everywhere, { viewport: { width: 1440, height: 900 } }],
    ["french", long, { viewport: { width: 1440, height: 900 }, locale: "fr-CA" }],
    ["zoom-200", long, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
    ["without-script", long, { viewport: { width: 1440, height: 900 }, javaScriptEnabled: false }],
  ]) {
    const context = await browser.newContext(options);
    for (const path of paths) {
      const page = await context.newPage();
      let [bytes, requests] = [0, 0];
      const bodies = [];
      page.on("response", (response) => {
        // A refresh of a live page is no part of loading it.
        if (["fetch", "eventsource"].includes(response.request().resourceType())) return;
        requests += 1;
        bodies.push(response.body().then((body) => { bytes += body.length; }, () => {}));
      });
      const start = performance.now();
      const answer = await page.goto(base + path, { waitUntil: "load" });
      const took = performance.now() - start;
      await Promise.all(bodies);
      const rows = await page.locator("main .rowlink").count();
      const where = `${look} ${path}`;
      console.log(`${where.padEnd(45)} ${answer.status()} ${Math.round(took)} ms ${bytes} bytes ${requests} requests ${rows} rows`);
      if (answer.status() !== 200) problem(`${where}: status ${answer.status()}`);
      if (took > MOST_MS) problem(`${where}: ${Math.round(took)} ms`);
      if (bytes > MOST_BYTES) problem(`${where}: ${bytes} bytes`);
      if (requests > MOST_REQUESTS) problem(`${where}: ${requests} requests`);
      if (options.javaScriptEnabled !== false) {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0) problem(`${where}: scrolls sideways by ${wide} px`);
        await page.evaluate(axe);
        const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
        for (const each of found.violations) problem(`${where}: ${each.id}: ${each.help}`);
      }
      if (long.includes(path)) await page.screenshot({ path: `${values.out}/many-${path.replaceAll(/[/?=]/g, "-")}-${look}.png`, fullPage: true });
      await page.close();
    }
    await context.close();
  }

  // ── Of a thousand clinics one is found by a part of its name, without script ──
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const state = (words) => page.getByRole("link", { name: words });
  await page.goto(`${base}/`);
  const listed = await page.locator("#h-clinics").locator("xpath=ancestor::section").locator("tbody tr").count();
  const others = await page.locator(".others li a").allTextContents();
  const told = others.reduce((sum, text) => sum + Number(text.split(":")[1].replaceAll(/\D/g, "")), listed);
  if (told !== CLINICS) problem(`Now tells of ${told} clinics`);
  await state(others[0]).click();
  if (!new URL(page.url()).search.startsWith("?state=")) problem("a state of Now leads to no list");
  await page.goto(`${base}/calls`);
  await page.fill("#c-clinic", "No. 37");
  await page.getByRole("button", { name: "Show" }).click();
  const fitting = await page.locator("select#c-clinic option").count();
  // Number 37, 370 to 379, and every clinic.
  if (fitting !== 12) problem(`calls by a part of a name: ${fitting} to choose from`);
  await page.goto(`${base}/calls`);
  await page.fill("#c-clinic", name(3));
  await page.getByRole("button", { name: "Show" }).click();
  if (page.url() !== `${base}/calls?clinic=clinic-3`) problem(`calls by the whole name: ${page.url()}`);
  await page.goto(`${base}/calls`);
  await page.fill("#c-clinic", "Tremblay 9123456780");
  await page.getByRole("button", { name: "Show" }).click();
  const said = await page.content();
  if (!said.includes("Choose one of the clinics") || said.includes("Tremblay")) problem("an unknown clinic is given back, or not told");
  if (page.url() !== `${base}/calls`) problem(`what was typed is in the address: ${page.url()}`);
  await page.goto(`${base}/find`);
  await page.fill("#f-clinic", name(3));
  await page.fill("#f-at", "09:00");
  await page.getByRole("button", { name: "Find out why" }).last().click();
  if (page.url() === `${base}/find` && !(await page.locator("main .rowlink, main h1").count())) problem("the finder takes no name");
  await context.close();
} finally {
  await browser?.close();
  child.kill("SIGTERM");
  await rm(folder, { recursive: true, force: true });
}
console.log(`${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
