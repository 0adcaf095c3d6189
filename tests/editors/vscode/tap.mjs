// What the tests in VS Code say: TAP on standard output. A part of a test that fails ends there, and the next part runs. What
// is waited for is asked for again and again; nothing sleeps.
let count = 0;
let failed = 0;

/** Set by the world: what is told of a failure beside the check's own words, and what makes everything ready for the next part. */
export const failure = { tell: async () => [], tidy: async () => undefined };

/** Milliseconds until something that was waited for counts as missing: it comes within 20 s on a machine that is five times as fast. */
export const PATIENCE = Number(process.env.PATIENCE || 100_000);

class Failed extends Error {}

function say(ok, name) {
  count += 1;
  if (!ok) failed += 1;
  console.log(`${ok ? "ok" : "not ok"} ${count} - ${name}`);
}

function comment(what) {
  const text = typeof what === "string" ? what : JSON.stringify(what, null, 1);
  for (const line of (text ?? "undefined").split("\n")) console.log(`# ${line}`);
}

async function fail(name, extra) {
  say(false, name);
  if (extra !== undefined) comment(typeof extra === "function" ? await Promise.resolve(extra()).catch(String) : extra);
  for (const line of await failure.tell(count)) comment(line);
  throw new Failed(name);
}

/** A check; `extra` (a value, or a function of one) is shown when it fails. */
export async function check(name, ok, extra) {
  if (!ok) await fail(name, extra);
  say(true, name);
}

/** Both are the same, as JSON. */
export async function equal(name, got, wanted) {
  await check(name, JSON.stringify(got) === JSON.stringify(wanted), { got, wanted });
}

/** Waits until `test` gives something that is true, and gives it back. */
export async function eventually(name, test, extra, patience = PATIENCE) {
  const end = Date.now() + patience;
  let error;
  for (;;) {
    try {
      const value = await test();
      if (value) {
        say(true, name);
        return value;
      }
      error = undefined;
    } catch (thrown) {
      error = thrown;
    }
    if (Date.now() > end) return fail(name, error === undefined ? extra : String(error));
    await new Promise((done) => setTimeout(done, 25));
  }
}

/** Waits until `read` gives this. */
export async function becomes(name, read, wanted) {
  let got;
  await eventually(name, async () => JSON.stringify((got = await read())) === JSON.stringify(wanted), () => ({ got, wanted }));
}

/** The test ends here, for a reason that is no check of it. */
export function bail(error) {
  if (!(error instanceof Failed)) {
    say(false, "the test runs to its end");
    comment(String(error?.stack ?? error));
  }
}

/** A part of a test. */
export async function part(name, body) {
  if (process.env.PART && !name.includes(process.env.PART)) return;
  console.log(`# ${name}`);
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Failed)) {
      say(false, `${name}: runs to its end`);
      comment(String(error?.stack ?? error));
      for (const line of await failure.tell(count)) comment(line);
    }
    await failure.tidy().catch((why) => comment(`what comes next may not be ready: ${why}`));
  }
}

/** Says how many checks there were; the exit status. */
export function plan() {
  console.log(`1..${count}`);
  return failed === 0 ? 0 : 1;
}
