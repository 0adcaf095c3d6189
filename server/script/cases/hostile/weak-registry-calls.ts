// expect: done
// ---
const r = new FinalizationRegistry(() => { tools.echo({ from: 'finalizer' }); });
for (let i = 0; i < 100; i++) r.register({}, i);
return 1;
