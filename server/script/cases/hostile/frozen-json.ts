// expect: ScriptRuntimeError
// ---
JSON.stringify = () => '"stolen"';
