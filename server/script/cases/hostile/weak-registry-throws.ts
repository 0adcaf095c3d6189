// expect: done
// ---
const r = new FinalizationRegistry(() => { throw new Error('finalizer'); });
(() => { for (let i = 0; i < 5000; i++) r.register({ i }, i); })();
await sleep(5);
return 1;
