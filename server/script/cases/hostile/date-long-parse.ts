// expect: ScriptTimeout, done
// ---
for (let i = 0; i < 2000; i++) Date.parse('Jan '.repeat(1000) + i);
return 1;
