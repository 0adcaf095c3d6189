// expect: ScriptRuntimeError
// ---
throw -0;
