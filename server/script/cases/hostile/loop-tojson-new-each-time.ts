// expect: ScriptRuntimeError, ScriptLimit, ScriptTimeout, done
// why: every toJSON answers with another object that has one
// ---
const next = () => ({ toJSON: next });
return next();
