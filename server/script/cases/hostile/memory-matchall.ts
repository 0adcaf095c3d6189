// expect: ScriptOutOfMemory, ScriptTimeout
// ---
return [...'ab'.repeat(2e6).matchAll(/./g)].length;
