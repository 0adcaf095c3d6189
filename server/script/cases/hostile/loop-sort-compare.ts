// expect: ScriptTimeout
// ---
return [3, 2, 1].sort(() => { for (;;) {} });
