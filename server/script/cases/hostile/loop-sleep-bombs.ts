// expect: ScriptTimeout, ScriptOutOfMemory
// ---
for (;;) sleep(1e9);
