// expect: done, ScriptTimeout
// ---
const r = (globalThis as any).FinalizationRegistry ? new FinalizationRegistry(() => { for (;;) {} }) : null;
for (let i = 0; i < 1000; i++) r?.register({}, i);
return 1;
