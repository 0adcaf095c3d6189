// expect: ScriptTimeout, ScriptOutOfMemory, ScriptRuntimeError, done
// limits: wall=0.3
// ---
return new RegExp('((a{1,2000}){1,2000}){1,2000}b').test('a'.repeat(5000));
