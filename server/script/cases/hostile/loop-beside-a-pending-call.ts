// expect: ScriptTimeout
// says: CPU time
// why: the wall clock stands still while a call is pending, the CPU clock does not
// calls: 1
// ---
tools.hang({});
await tools.echo;
for (;;) {}
