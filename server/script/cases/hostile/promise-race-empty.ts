// expect: ScriptStuck
// ---
await Promise.race([]);
