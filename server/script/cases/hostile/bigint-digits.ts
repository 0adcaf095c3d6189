// expect: ScriptRuntimeError, ScriptTimeout, done
// limits: wall=0.3
// ---
return (3n ** 600000n).toString().length;
