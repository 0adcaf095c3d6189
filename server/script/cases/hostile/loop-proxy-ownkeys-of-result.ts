// expect: ScriptTimeout
// ---
return new Proxy({}, { ownKeys() { for (;;) {} } });
