// expect: ScriptTimeout
// ---
return 'abc'.replace(/./g, () => { for (;;) {} });
