// Checks the page in chromium, without VS Code: `node src/webview/harness/check.mjs [part of a name]`. TAP on standard output.
// Needs what tests/editors/fetch-vscode.sh fetches.
import { CHECKS } from "./checks.mjs";
import { HOSTILE } from "./hostile.mjs";
import { LOOKS } from "./looks.mjs";
import { browser } from "./open.mjs";
import { ANSWERS, AROUND } from "./scenes.mjs";
import { SPEED } from "./speed.mjs";

const wanted = process.argv[2] ?? "";
const chrome = await browser();
let count = 0;
let failed = 0;
for (const [name, options, check] of [...CHECKS, ...LOOKS, ...HOSTILE, ...SPEED]) {
  if (!name.includes(wanted)) continue;
  count += 1;
  const page = await chrome.open(options);
  try {
    await page.evaluate((answers) => Object.assign(window.answers, answers), ANSWERS);
    await say(page, { type: "surroundings", now: AROUND });
    const comment = await check(page, helpers(page));
    const told = [...page.errors, ...(await page.evaluate(() => window.violations))];
    if (told.length > 0) throw new Error(`the page complained: ${told.join("; ")}`);
    console.log(`ok ${count} - ${name}${comment === undefined ? "" : ` # ${comment}`}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok ${count} - ${name}\n  ${String(error.stack).split("\n").slice(0, 6).join("\n  ")}`);
    const shot = `${process.env["SHOTS"] ?? "/tmp"}/page-${count}.png`;
    await page.screenshot({ path: shot }).catch(() => undefined);
    console.log(`  screen: ${shot}`);
  }
  await page.context().close();
}
console.log(`1..${count}`);
await chrome.close();
process.exit(failed === 0 ? 0 : 1);

/** Tells the page something, and waits until it was drawn. */
async function say(page, ...messages) {
  await page.evaluate(async (all) => {
    for (const one of all) window.say(one);
    await new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 20));
  }, messages);
}

function helpers(page) {
  return {
    say: (...messages) => say(page, ...messages),
    answer: (key, value) => page.evaluate(([one, other]) => void (window.answers[one] = other), [key, value]),
    /** What the page asked for, of one kind: a method, a command, a task. */
    heard: (key) =>
      page.evaluate((name) => window.heard.filter((one) => one.method === name || one.name === name || one.task?.type === name).map((one) => one.params ?? one.args ?? one.task), key),
    async until(what, test, millis = 3000) {
      const end = Date.now() + millis;
      for (;;) {
        const value = await test();
        if (value) return value;
        if (Date.now() > end) throw new Error(`not within ${millis} ms: ${what}`);
        await page.waitForTimeout(20);
      }
    },
    equal(actual, expected, what) {
      const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
      if (one !== other) throw new Error(`${what}: ${one} is not ${other}`);
    },
    ok(value, what) {
      if (!value) throw new Error(what);
    },
  };
}
