// expect: done
// check: only
// calls: 0
// ---
await tools.echo({});
for (;;) {}
