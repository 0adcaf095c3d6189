// expect: done, ScriptTimeout
// why: a job that spins once the result is there
// ---
Promise.resolve().then(() => Promise.resolve()).then(() => Promise.resolve()).then(() => { for (;;) {} });
return 7;
