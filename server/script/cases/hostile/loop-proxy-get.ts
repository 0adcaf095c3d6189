// expect: ScriptTimeout
// ---
return new Proxy({}, { get() { for (;;) {} } }).x;
