// expect: done, ScriptTimeout, ScriptOutOfMemory
// calls: 0
// why: looking for the nearest name must cost little
// ---
for (let i = 0; i < 300; i++) { try { (tools as any)['x'.repeat(10000) + i]; } catch {} }
return 1;
