// expect: ScriptTimeout, ScriptOutOfMemory, done
// limits: wall=0.3
// ---
const marks = '\u0301\u0316'.repeat(200000);
return ('a' + marks).normalize('NFD').length;
