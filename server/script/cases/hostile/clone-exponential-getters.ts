// expect: ScriptTimeout, ScriptOutOfMemory, ScriptRuntimeError, ScriptLimit
// ---
const make = (): any => ({ get a() { return make(); }, get b() { return make(); } });
structuredClone(make());
