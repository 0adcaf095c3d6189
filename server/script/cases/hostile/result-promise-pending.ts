// expect: ScriptStuck
// ---
return new Promise(() => {});
