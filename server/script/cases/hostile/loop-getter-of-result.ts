// expect: ScriptTimeout
// ---
return { get a() { for (;;) {} } };
