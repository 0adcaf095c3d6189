// expect: ScriptTimeout
// why: the interruption must not be caught, and `finally` must not carry on
// ---
for (;;) { try { for (;;) {} } catch {} finally { continue } }
