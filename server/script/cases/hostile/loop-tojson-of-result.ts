// expect: ScriptTimeout
// ---
return { toJSON() { for (;;) {} } };
