// Measures the main pages of a running ops site with Lighthouse, and fails below the marks: 100 for
// accessibility and best practices, 98 for performance.
//
//   node run.mjs --base http://127.0.0.1:8081 [--link http://127.0.0.1:8081/sign-in/…] --out DIR
//
// Needs `npm ci` here once, and a Chromium (CHROMIUM=/path, else /usr/bin/chromium).

import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const { values } = parseArgs({
  options: { base: { type: "string" }, link: { type: "string" }, out: { type: "string" }, only: { type: "string" } },
});
if (!values.base || !values.out) {
  console.error("usage: node run.mjs --base URL [--link SIGN-IN-URL] --out DIR");
  process.exit(2);
}
const base = values.base.replace(/\/$/, "");
const MARKS = { accessibility: 100, "best-practices": 100, performance: 98 };
const FORMS = ["desktop", "mobile"];

// A link works once: the session is the cookie that answers it.
let cookie = "";
if (values.link) {
  const signed = await fetch(values.link, {
    method: "POST",
    redirect: "manual",
    headers: { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" },
  });
  cookie = signed.headers.getSetCookie().map((set) => set.split(";")[0]).join("; ");
  if (!cookie) {
    console.error("the sign-in link no longer works: it works once, so give a fresh one");
    process.exit(2);
  }
}

async function firstOf(room, pattern) {
  const text = await (await fetch(base + room, { headers: { cookie } })).text();
  return text.match(pattern)?.[1];
}
const paths = [
  "/", "/clinics", await firstOf("/clinics", /class="rowlink" href="(\/clinics\/[^"]+)"/), "/find", "/incidents",
  await firstOf("/incidents", /class="rowlink" href="(\/incidents\/[^"]+)"/), "/calls",
  await firstOf("/calls", /class="rowlink" href="(\/calls\/[^"]+)"/), "/adoption", "/runbooks", "/writes", "/access-log",
  "/people", "/me", "/settings", "/settings/clinics", "/settings/clinics/new", "/settings/apps", "/settings/health", "/sign-in",
].filter((path) => path && (!values.only || path === values.only));

await mkdir(values.out, { recursive: true });
const chrome = await launch({
  chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const lines = [];
let below = 0;
for (const form of FORMS) {
  for (const path of paths) {
    const result = await lighthouse(base + path, {
      port: chrome.port,
      output: "json",
      logLevel: "error",
      onlyCategories: Object.keys(MARKS),
      formFactor: form,
      screenEmulation: form === "desktop"
        ? { mobile: false, width: 1440, height: 900, deviceScaleFactor: 1, disabled: false }
        : undefined,
      // The page is measured as it is, on this machine; a simulated slow line would measure the simulation.
      throttlingMethod: "provided",
      extraHeaders: cookie ? { cookie } : {},
    });
    const { categories, audits } = result.lhr;
    const scores = Object.fromEntries(
      Object.entries(categories).map(([name, { score }]) => [name, Math.round((score ?? 0) * 100)]),
    );
    const wrong = Object.entries(MARKS).filter(([name, mark]) => scores[name] < mark);
    const why = wrong.flatMap(([name]) => categories[name].auditRefs)
      .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 1)
      .map(({ id }) => id);
    below += wrong.length;
    const paint = Math.round(audits["first-contentful-paint"].numericValue);
    lines.push({ path, form, ...scores, first_paint_ms: paint, why });
    console.log(`${form.padEnd(8)} ${path.padEnd(44)} ${JSON.stringify(scores)} first paint ${paint} ms ${why.join(" ")}`);
  }
}
await chrome.kill();
await writeFile(`${values.out}/lighthouse.json`, JSON.stringify(lines, null, 2));
console.log(`${lines.length} measurements, ${below} below their mark`);
process.exit(below ? 1 : 0);
