// expect: ScriptTimeout, ScriptRuntimeError, done
// limits: wall=0.3
// ---
return /^(?=(a+)+b)c/.test('a'.repeat(50));
