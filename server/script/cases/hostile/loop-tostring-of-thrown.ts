// expect: ScriptTimeout
// ---
throw { toString() { for (;;) {} }, get a() { for (;;) {} } };
