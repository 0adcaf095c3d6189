// expect: done, ScriptLimit, ScriptOutOfMemory
// limits: cpu=5,memory=96
// ---
return 'é'.repeat(8e6);
