// expect: ScriptTimeout
// ---
await { get then() { for (;;) {} } };
