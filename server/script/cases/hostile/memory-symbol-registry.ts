// expect: ScriptOutOfMemory, ScriptTimeout
// ---
for (let i = 0; ; i++) Symbol.for('a rather long key to fill memory with ' + i);
