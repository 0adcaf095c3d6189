// expect: ScriptTimeout
// ---
outer: for (;;) { for (;;) continue outer; }
