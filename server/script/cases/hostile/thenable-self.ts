// expect: ScriptTimeout, ScriptOutOfMemory
// ---
const t: any = { then(resolve: any) { resolve(t); } };
return t;
