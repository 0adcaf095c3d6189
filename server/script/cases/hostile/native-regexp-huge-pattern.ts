// expect: ScriptTimeout, ScriptOutOfMemory, ScriptRuntimeError, done
// limits: wall=0.3
// ---
return new RegExp('a|'.repeat(3e6)).test('b');
