// expect: ScriptRuntimeError
// why: a full heap throws null; so does this, without saying so
// ---
const nothing = [null][0];
throw nothing;
