// expect: ScriptLimit
// ---
return JSON.parse('{"a":'.repeat(2e5) + '1' + '}'.repeat(2e5));
