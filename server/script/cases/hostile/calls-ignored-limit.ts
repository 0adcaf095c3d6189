// expect: done
// calls: 256
// ---
let refused = 0;
for (let i = 0; i < 2000; i++) await tools.echo({}).catch(() => refused++);
return refused;
