// expect: ScriptOutOfMemory, ScriptRuntimeError, ToolFailed, done
// limits: memory=8
// ---
const s = await tools.big({ bytes: 7900000 });
return s.length + (s + s).length;
