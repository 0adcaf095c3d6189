// expect: ScriptRuntimeError, ScriptTimeout, ScriptOutOfMemory, done
// limits: wall=0.3
// ---
return BigInt('9'.repeat(300000)) % 7n;
