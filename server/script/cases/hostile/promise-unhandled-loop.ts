// expect: done, ScriptTimeout
// ---
Promise.reject({ toJSON() { for (;;) {} } });
return 1;
