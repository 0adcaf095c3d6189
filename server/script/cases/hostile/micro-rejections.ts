// expect: ScriptTimeout, ScriptOutOfMemory, done
// ---
for (let i = 0; i < 5000; i++) Promise.reject(new Error('x' + i));
return 1;
