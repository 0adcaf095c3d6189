// expect: ScriptOutOfMemory, ScriptRuntimeError
// why: the host's answers count like everything else
// ---
const a = [];
for (let i = 0; i < 60; i++) a.push(await tools.big({ bytes: 1000000 }));
return a.length;
