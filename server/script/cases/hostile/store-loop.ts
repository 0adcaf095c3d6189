// expect: ScriptTimeout
// ---
store.set('k', { toJSON() { for (;;) {} } });
