// expect: done, ScriptTimeout, ScriptLimit
// limits: wall=0.3
// ---
return 7n ** 100000n;
