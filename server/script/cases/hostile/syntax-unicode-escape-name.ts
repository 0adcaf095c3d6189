// expect: ScriptSyntaxError, ScriptRuntimeError
// ---
return ev\u0061l('1');
