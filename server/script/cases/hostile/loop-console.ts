// expect: ScriptTimeout
// ---
console.log({ get a() { for (;;) {} } });
