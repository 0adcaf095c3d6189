// expect: ScriptTimeout
// ---
structuredClone({ get a() { for (;;) {} } });
