// expect: ScriptTimeout, ScriptRuntimeError, done
// limits: wall=0.3
// ---
return /^(.*)(.*)(.*)(.*)\1\2\3\4x$/.test('ab'.repeat(200));
