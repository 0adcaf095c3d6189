// expect: ScriptStuck
// ---
return { then() {} };
