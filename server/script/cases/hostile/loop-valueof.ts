// expect: ScriptTimeout
// ---
return 1 + { valueOf() { for (;;) {} } };
