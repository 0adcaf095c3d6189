// expect: ScriptTimeout
// limits: wall=0.3
// ---
const long = 'a'.repeat(2e6);
const needle = 'a'.repeat(1e6) + 'b';
for (;;) long.indexOf(needle);
