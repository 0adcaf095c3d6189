// expect: done, ScriptOutOfMemory
// ---
for (let i = 0; i < 200; i++) console.log('x'.repeat(1e6));
return 'told';
