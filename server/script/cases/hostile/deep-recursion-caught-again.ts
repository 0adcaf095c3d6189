// expect: ScriptTimeout, ScriptRuntimeError, ScriptOutOfMemory, ScriptLimit
// ---
const f = () => { try { f(); } catch { f(); } };
f();
