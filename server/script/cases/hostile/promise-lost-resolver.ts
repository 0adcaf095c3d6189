// expect: ScriptStuck
// ---
await new Promise((resolve) => { void resolve; });
