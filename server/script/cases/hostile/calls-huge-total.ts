// expect: ToolArguments, ScriptOutOfMemory
// why: what waits at the host must not fill its memory
// limits: memory=64,cpu=20,wall=30
// bound: 60
// ---
const a = 'x'.repeat(3.9e6);
for (let i = 0; i < 40; i++) await tools.sleep({ ms: 0, a });
