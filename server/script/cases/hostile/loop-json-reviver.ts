// expect: ScriptTimeout
// ---
return JSON.parse('[1]', () => { for (;;) {} });
