// expect: ScriptSyntaxError
// ---
}); globalThis.escaped = 1; (async () => {
