// Measures the pages of a running ops site with Lighthouse, and fails below the marks.
//
//   node run.mjs --base http://127.0.0.1:8081 [--link http://127.0.0.1:8081/sign-in/…] --out DIR [--performance] [--only PATH]
//
// What fails: accessibility or best practices below 100, on any page and size; a page that moves while it loads; and
// more requests, bytes on the wire or elements than a page may have. These depend on the page alone.
//
// The score of performance is made of times, so on a machine that compiles beside it says more of the machine than of
// the page: with two busy cores the same page got 72 to 100. It is measured and written down; with --performance, on a
// release build and a machine with nothing else to do, the median of three has to be 98.
//
// Needs `npm ci` here once, and a Chromium (CHROMIUM=/path, else /usr/bin/chromium).

import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const { values } = parseArgs({
  options: {
    base: { type: "string" }, link: { type: "string" }, out: { type: "string" }, only: { type: "string" },
    performance: { type: "boolean" },
  },
});
if (!values.base || !values.out) {
  console.error("usage: node run.mjs --base URL [--link SIGN-IN-URL] --out DIR [--performance] [--only PATH]");
  process.exit(2);
}
const base = values.base.replace(/\/$/, "");
const MARKS = { accessibility: 100, "best-practices": 100, performance: 98 };
// Of a page as it comes over the wire: a stream of changes is no part of loading it.
const BUDGET = { requests: 5, bytes: 40_000, elements: 1_500, shift: 0.01 };
const RUNS = values.performance ? 3 : 1;

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

async function firstOf(room) {
  const pattern = new RegExp(`class="rowlink" href="(${room}/[^"]+)"`);
  const text = await (await fetch(base + room, { headers: { cookie } })).text();
  return text.match(pattern)?.[1];
}
const [clinic, incident, call] = [await firstOf("/clinics"), await firstOf("/incidents"), await firstOf("/calls")];
// Those that the three kinds of people live in, on a desk and on a phone; the others once.
const MAIN = ["/", "/find", clinic, incident, "/calls", "/adoption"];
const OTHERS = [
  "/clinics", "/incidents", call, "/runbooks", "/writes", "/access-log", "/people", "/me", "/settings",
  "/settings/clinics/new", "/settings/health", "/kept", "/sign-in",
];
const asked = (path) => path && (!values.only || path === values.only);
const looks = [
  ...[...MAIN, ...OTHERS].filter(asked).map((path) => ["desktop", path]),
  ...MAIN.filter(asked).map((path) => ["mobile", path]),
];
// Without a clinic or a call there is no demo to measure; an incident takes its time to open.
for (const [what, found] of [["clinic", clinic], ["call", call]]) {
  if (!found) {
    console.error(`there is no ${what} to look at`);
    process.exit(2);
  }
}

// The demo's fortnight comes in while it is looked at. A page that fills up for the first time is not what is measured, so
// this waits until a clinic's page has as many rows as before.
const rows = async () => (await (await fetch(base + clinic, { headers: { cookie } })).text()).split("<tr").length;
const SETTLED_WITHIN_MS = 180_000;
for (let [before, same, until] = [0, 0, Date.now() + SETTLED_WITHIN_MS]; same < 3 && Date.now() < until;) {
  const now = await rows();
  same = now === before ? same + 1 : 0;
  before = now;
  await new Promise((done) => setTimeout(done, 2_000));
}

async function measure(form, path, port) {
  const { lhr } = await lighthouse(base + path, {
    port,
    output: "json",
    logLevel: "error",
    onlyCategories: Object.keys(MARKS),
    formFactor: form,
    screenEmulation: form === "desktop"
      ? { mobile: false, width: 1440, height: 900, deviceScaleFactor: 1, disabled: false }
      : undefined,
    // The page is measured as it is, on this machine; a simulated slow line would measure the simulation.
    throttlingMethod: "provided",
    // A page that follows along is never quiet for long; only times need the wait for it.
    ...(values.performance ? {} : { maxWaitForLoad: 6_000, pauseAfterFcpMs: 0, pauseAfterLoadMs: 0, networkQuietThresholdMs: 500, cpuQuietThresholdMs: 500 }),
    disableFullPageScreenshot: true,
    extraHeaders: cookie ? { cookie } : {},
  });
  const { categories, audits } = lhr;
  const scores = Object.fromEntries(
    // There is none where a time could not be taken.
    Object.entries(categories).map(([name, { score }]) => [name, score === null ? null : Math.round(score * 100)]),
  );
  const why = ["accessibility", "best-practices"].flatMap((name) => categories[name].auditRefs)
    .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 1)
    .map(({ id }) => id);
  const loaded = audits["network-requests"].details.items
    // Pictures of the browser's own fields are no requests.
    .filter(({ resourceType, url }) => !["EventSource", "Fetch", "XHR"].includes(resourceType) && !url.startsWith("data:"));
  const counted = {
    requests: loaded.length,
    bytes: loaded.reduce((sum, { transferSize }) => sum + transferSize, 0),
    elements: audits["dom-size-insight"].details?.debugData?.totalElements ?? Number.NaN,
    shift: audits["cumulative-layout-shift"].numericValue,
  };
  return { scores, why, counted, paint: Math.round(audits["first-contentful-paint"].numericValue) };
}

await mkdir(values.out, { recursive: true });
const start = () => launch({
  chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
let chrome = await start();

/**
 * One measurement. A browser that dies on a busy machine, or paints nothing while it is watched, is started once more
 * and says nothing of the page; what is missing then is over its budget.
 */
async function measured(form, path) {
  try {
    const seen = await measure(form, path, chrome.port);
    if (Object.values(seen.counted).every(Number.isFinite)) return seen;
    throw new Error("it saw no paint");
  } catch (error) {
    console.log(`  the browser gave up (${error.message.split("\n")[0]}); once more`);
    await chrome.kill();
    chrome = await start();
    return measure(form, path, chrome.port);
  }
}

const lines = [];
let below = 0;
for (const [form, path] of looks) {
  const runs = [];
  while (runs.length < RUNS) runs.push(await measured(form, path));
  const median = (of) => runs.map(of).sort((a, b) => a - b)[Math.floor(runs.length / 2)];
  const { scores, why, counted } = runs[0];
  const paint = median((run) => run.paint);
  scores.performance = median((run) => run.scores.performance);
  const wrong = Object.entries(MARKS)
    .filter(([name, mark]) => !(scores[name] >= mark) && (name !== "performance" || values.performance))
    .map(([name]) => `${name} ${scores[name]} ${why.join(" ")}`);
  // What was not counted is over its budget, too.
  wrong.push(...Object.entries(BUDGET).filter(([name, most]) => !(counted[name] <= most)).map(([name]) => `${name} ${counted[name]}`));
  below += wrong.length;
  lines.push({ path, form, ...scores, ...counted, first_paint_ms: paint, wrong });
  console.log(`${form.padEnd(8)} ${path.padEnd(44)} ${JSON.stringify({ ...scores, ...counted })} first paint ${paint} ms${wrong.map((what) => `\n  ✗ ${what}`).join("")}`);
}
await chrome.kill();
await writeFile(`${values.out}/lighthouse.json`, JSON.stringify(lines, null, 2));
console.log(`${lines.length} measurements, ${below} below a mark or over a budget`);
process.exit(below ? 1 : 0);
