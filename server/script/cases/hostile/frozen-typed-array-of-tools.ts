// expect: ScriptRuntimeError
// ---
Object.assign(tools, { echo: () => 1 });
