// expect: done, ScriptLimit, ScriptOutOfMemory
// limits: cpu=5,memory=96,wall=20
// ---
return 'é'.repeat(8e6);
