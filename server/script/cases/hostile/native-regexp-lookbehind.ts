// expect: ScriptTimeout, ScriptRuntimeError, done
// limits: wall=0.3
// ---
return /(?<=(a*)*b)$/.test('a'.repeat(40));
