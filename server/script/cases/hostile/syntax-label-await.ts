// expect: ScriptSyntaxError
// ---
await: for (;;) break await;
