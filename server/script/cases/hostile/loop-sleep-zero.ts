// expect: ScriptTimeout
// ---
for (;;) await sleep(0);
