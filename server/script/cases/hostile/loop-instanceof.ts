// expect: ScriptTimeout
// ---
const f = { [Symbol.hasInstance]() { for (;;) {} } };
return 1 instanceof f;
