// expect: ScriptOutOfMemory, ScriptRuntimeError, ScriptTimeout
// ---
const s = 'x'.repeat(1e5);
return s.replaceAll('x', s).length;
