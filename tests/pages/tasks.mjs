// What each kind of person comes for, with the number of clicks that it takes; the same by keyboard alone; and what
// somebody sees whose session ends while a page is open.
//
// Owns people of its own, whom the administrator lets in on the site. A click is a press of the mouse or of Enter;
// what is typed or chosen in a field is none.

const PASSPHRASE = "heron moss lamp kettle";

/** A call that failed at a clinic: its code, the clinic, and when it was on that clinic's clock; nothing without one. */
export async function failedCall(page, base) {
  await page.goto(`${base}/clinics`);
  const clinics = await page.$$eval("main .rowlink", (links) => links.map((a) => a.getAttribute("href").split("/").pop()));
  for (const clinic of clinics) {
    await page.goto(`${base}/calls?clinic=${clinic}&outcome=failed`);
    const row = page.locator("main .rowlink").first();
    if (!(await row.count())) continue;
    const clock = (await row.locator("time").textContent()).slice(0, 5);
    await page.goto(base + (await row.getAttribute("href")));
    return { clinic, clock, code: (await page.locator(".pick").first().textContent()).trim() };
  }
  return undefined;
}

/** Runs all of it. `admin` is a signed-in administrator's storage state; `problem(where, what)` takes what is wrong. */
export async function tasks({ browser, base, admin, call, problem }) {
  const look = { viewport: { width: 1440, height: 900 } };
  const context = await browser.newContext({ ...look, storageState: admin });
  const people = await context.newPage();

  /** Lets somebody in and signs them in; gives their page. */
  async function person(role) {
    const name = `${role}${Date.now() % 1_000_000}`;
    await people.goto(`${base}/people`);
    await people.fill("#add-name", name);
    await people.selectOption("#add-role", role);
    await people.getByRole("button", { name: "Add and make a link" }).click();
    await people.waitForLoadState();
    const link = (await people.locator("code.pick").first().textContent()).trim();
    const own = await browser.newContext(look);
    const page = await own.newPage();
    await page.goto(link);
    await page.fill("#new", PASSPHRASE);
    await page.fill("#again", PASSPHRASE);
    await page.getByRole("button", { name: "Keep it and sign in" }).click();
    await page.waitForURL(`${base}/`);
    return { name, page, own };
  }

  /** One task: `do` is given a page and how to click, and says whether it came where it should. */
  async function task(what, most, page, does) {
    let clicks = 0;
    const click = async (locator) => { clicks += 1; await locator.first().click(); await page.waitForLoadState(); };
    const enter = async (locator) => { clicks += 1; await locator.press("Enter"); await page.waitForLoadState(); };
    let arrived = false;
    try {
      arrived = await does({ click, enter });
    } catch (error) {
      problem(what, error.message.split("\n")[0]);
      return;
    }
    if (!arrived) problem(what, `does not come where it should: ${page.url()}`);
    if (clicks > most) problem(what, `${clicks} clicks, ${most} at most`);
    console.log(`  ${what}: ${clicks} of ${most} clicks`);
  }
  const at = (page, beginning) => new URL(page.url()).pathname.startsWith(beginning);

  // ── Support ────────────────────────────────────────────────────────────
  const support = await person("support");
  {
    const { page } = support;
    const code = call.code;
    await page.goto(`${base}/`);
    await task("support: a code leads to its verdict", 1, page, async ({ enter }) => {
      await page.keyboard.press("f");
      await page.locator("#f-code").fill(code);
      await enter(page.locator("#f-code"));
      await page.waitForURL("**/d/*");
      return page.locator("h1.say").first().isVisible();
    });
    await task("support: the message for the clinic is copied", 1, page, async ({ click }) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await click(page.locator("button.btn[data-copy]"));
      await page.getByText("Copied").first().waitFor();
      return (await page.evaluate(() => navigator.clipboard.readText())).length > 40;
    });
    await task("support: clinic and time lead to a verdict, by a list if several fit", 2, page, async ({ click }) => {
      await page.goto(`${base}/`);
      await page.selectOption("#f-clinic", call.clinic);
      await page.fill("#f-at", call.clock);
      await click(page.locator("form:has(#f-clinic)").getByRole("button", { name: "Find out why" }));
      if (!at(page, "/d/")) await click(page.locator("main form button, main .rowlink"));
      return at(page, "/d/");
    });
  }

  // ── On call ────────────────────────────────────────────────────────────
  const oncall = await person("oncall");
  {
    const { page } = oncall;
    await page.goto(`${base}/incidents`);
    const incident = await page.locator("main .rowlink").first().getAttribute("href").catch(() => null);
    if (!incident) problem("on call", "there is no incident");
    await task("on call: an incident says at once what to do", 0, page, async () => {
      await page.goto(`${base}${incident}`);
      const steps = page.locator("ol.steps li").first();
      const box = await steps.boundingBox();
      // Without scrolling.
      return box !== null && box.y < 900 && page.locator("h1.say").first().isVisible();
    });
    await task("on call: from it to the full runbook", 1, page, async ({ click }) => {
      await click(page.getByRole("link", { name: "Full runbook" }));
      return at(page, "/runbooks/");
    });
    await task("on call: from Now to a clinic", 1, page, async ({ click }) => {
      await page.goto(`${base}/`);
      await click(page.locator("[data-part=clinics] .rowlink"));
      return at(page, "/clinics/");
    });
    await task("on call: from Now to the incidents and into one", 2, page, async ({ click }) => {
      await page.goto(`${base}/`);
      await click(page.locator(".side").getByRole("link", { name: "Incidents" }));
      await click(page.locator("main .rowlink"));
      return at(page, "/incidents/");
    });
    await task("on call: an incident is taken", 1, page, async ({ click }) => {
      const take = page.getByRole("button", { name: /^Take it/ });
      // An incident that closed by itself has nothing to take.
      if (!(await take.count())) return page.getByText(/Closed|Ended/).first().isVisible();
      await click(take);
      return at(page, "/incidents/");
    });
  }

  // ── Manager ────────────────────────────────────────────────────────────
  const manager = await person("manager");
  {
    const { page } = manager;
    await page.goto(`${base}/adoption`);
    await task("manager: the report says in a sentence how the week was", 0, page, async () => /^Week \d+/.test(await page.locator("h1").textContent()));
    await task("manager: the figures as a file", 1, page, async ({ click }) => {
      const file = page.waitForEvent("download");
      await click(page.getByRole("link", { name: "CSV" }));
      return (await file).suggestedFilename().endsWith(".csv");
    });
    await task("manager: from the report to one clinic", 1, page, async ({ click }) => {
      await click(page.locator("#h-ad").locator("xpath=ancestor::section").locator(".rowlink"));
      return at(page, "/adoption/");
    });
    await task("manager: the report on paper", 1, page, async ({ click }) => {
      await page.goto(`${base}/adoption`);
      await page.evaluate(() => { window.print = () => { window.printed = true; }; });
      await click(page.getByRole("button", { name: "Print or save as PDF" }));
      return page.evaluate(() => window.printed === true);
    });
  }

  // ── Whoever checks who looked up what ─────────────────────────────────
  {
    const page = await context.newPage();
    await page.goto(`${base}/`);
    await task("admin: what one person looked up", 2, page, async ({ click }) => {
      await click(page.locator(".side").getByRole("link", { name: "Access log" }));
      await page.selectOption("#a-account", support.name);
      await click(page.getByRole("button", { name: "Show" }));
      return page.locator("main tbody").getByText(support.name).first().isVisible();
    });
    await page.close();
  }

  // ── By keyboard alone ──────────────────────────────────────────────────
  {
    const { page } = support;
    const active = () => page.evaluate(() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      return {
        id: element.id, tag: element.tagName, isTime: ["time", "date", "datetime-local"].includes(element.type), text: element.textContent.trim().slice(0, 40),
        marked: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
        seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
      };
    });
    for (const path of ["/", "/find", "/clinics", "/calls", "/adoption", "/me"]) {
      await page.goto(base + path);
      let [stops, last] = [0, ""];
      for (; stops < 400; stops += 1) {
        await page.keyboard.press("Tab");
        const stop = await active();
        if (stop.tag === "BODY") break;
        // The button of a field for a time is marked by the browser, inside the field.
        if (!stop.marked && !(stop.isTime && stop.id === last)) problem(`keyboard ${path}`, `no mark at ${stop.tag} ${stop.id} ${stop.text}`);
        last = stop.id;
        if (!stop.seen) problem(`keyboard ${path}`, `out of sight: ${stop.tag} ${stop.id} ${stop.text}`);
      }
      if (stops < 10 || stops === 400) problem(`keyboard ${path}`, `${stops} stops: a trap, or nothing to reach`);
    }
    // From the top of the page to the verdict, and its message copied.
    await page.goto(`${base}/`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    for (let stop = 0; stop < 40 && (await active()).id !== "f-code"; stop += 1) await page.keyboard.press("Tab");
    await page.keyboard.type(call.code);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/d/*").catch(() => problem("keyboard", "a code does not lead to its verdict"));
    for (let stop = 0; stop < 80 && !(await active()).text.startsWith("Copy:"); stop += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Copied").first().waitFor({ timeout: 2_000 }).catch(() => problem("keyboard", "the message cannot be copied"));
  }

  // ── A session that ends while its page is open ────────────────────────
  {
    await manager.page.goto(`${base}/`);
    await support.page.goto(`${base}/find`);
    for (const { name } of [manager, support]) {
      await people.goto(`${base}/people`);
      const row = people.locator("tbody tr", { hasText: name });
      await row.locator("summary").click();
      await row.getByRole("button", { name: /^Disable/ }).click();
      await people.waitForLoadState();
    }
    // A page that follows along leads to the door by itself.
    await manager.page.waitForURL(`${base}/sign-in`, { timeout: 45_000 })
      .catch(() => problem("a session that ended", `the open page stays: ${manager.page.url()}`));
    // A form that was begun before leads there, too, and does nothing.
    await support.page.fill("#f-code", call.code);
    await support.page.locator("#f-code").press("Enter");
    await support.page.waitForLoadState();
    if (new URL(support.page.url()).pathname !== "/sign-in") problem("a session that ended", `the form still works: ${support.page.url()}`);
  }
  for (const { own } of [support, oncall, manager]) await own.close();
  await context.close();
}
