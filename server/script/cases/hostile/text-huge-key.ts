// expect: done, ScriptLimit
// ---
return { ['k'.repeat(1e6)]: 1 };
