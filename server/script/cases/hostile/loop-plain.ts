// expect: ScriptTimeout
// says: CPU time
// limits: wall=20
// ---
for (;;) {}
