// expect: ScriptOutOfMemory, ScriptTimeout
// ---
return 'ab'.repeat(5e6).split('').length;
