// Starts the program with 1,000 clinics, some of them entered on the site, and looks at the pages that list
// them: weight, time, accessibility, 200 % zoom, and without script.
//
//   node many.mjs --program target/debug/accuscope --out DIR
//
// Needs `npm ci` here once, and a Chromium (CHROMIUM=/path, else /usr/bin/chromium).

import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const { values } = parseArgs({ options: { program: { type: "string" }, out: { type: "string" } } });
if (!values.program || !values.out) {
  console.error("usage: node many.mjs --program PATH --out DIR");
  process.exit(2);
}
const CLINICS = 1_000;
const HERE = 20;
const MOST_BYTES = 200_000;
const MOST_MS = 2_000;
const problems = [];
const problem = (what) => { problems.push(what); console.log(`  ✗ ${what}`); };

const folder = await mkdtemp(join(tmpdir(), "accuscope-many-"));
const settings = join(folder, "accuscope.toml");
await writeFile(join(folder, "k1"), randomBytes(32), { mode: 0o600 });
const clinic = (n) => `[[clinics]]\nid = "clinic-${n}"\nname = "Family Practice No. ${n}"\ntenant = "${randomUUID()}"\ntimezone = "America/Vancouver"\nphase = "live"\n`;
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
    act: "add", id: `clinic-${n}`, name: `Family Practice No. ${n}`, tenant: randomUUID(),
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

  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await mkdir(values.out, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  // 200 % of 1280 pixels are 640 CSS pixels.
  for (const [look, viewport, scale, script] of [
    ["desk", { width: 1440, height: 900 }, 1, true], ["zoom-200", { width: 640, height: 400 }, 2, true],
    ["without-script", { width: 1440, height: 900 }, 1, false],
  ]) {
    const context = await browser.newContext({ viewport, deviceScaleFactor: scale, javaScriptEnabled: script });
    for (const path of ["/", "/clinics", "/clinics?page=17", "/settings/clinics", "/settings/clinics?page=10", "/settings/clinics/clinic-999", "/settings/apps/new", "/adoption"]) {
      const page = await context.newPage();
      const start = performance.now();
      const answer = await page.goto(base + path, { waitUntil: "load" });
      const took = performance.now() - start;
      const bytes = (await answer.body()).length;
      const rows = await page.locator("main .rowlink").count();
      console.log(`${look.padEnd(15)} ${path.padEnd(30)} ${answer.status()} ${Math.round(took)} ms ${bytes} bytes ${rows} rows`);
      if (answer.status() !== 200) problem(`${look} ${path}: status ${answer.status()}`);
      if (took > MOST_MS) problem(`${look} ${path}: ${Math.round(took)} ms`);
      if (bytes > MOST_BYTES) problem(`${look} ${path}: ${bytes} bytes`);
      if (script) {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0) problem(`${look} ${path}: scrolls sideways by ${wide} px`);
        await page.evaluate(axe);
        const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
        for (const each of found.violations) problem(`${look} ${path}: ${each.id}: ${each.help}`);
      }
      await page.screenshot({ path: `${values.out}/many-${path.replaceAll(/[/?=]/g, "-")}-${look}.png` });
      await page.close();
    }
    await context.close();
  }
} finally {
  await browser?.close();
  child.kill("SIGTERM");
  await rm(folder, { recursive: true, force: true });
}
console.log(`${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
