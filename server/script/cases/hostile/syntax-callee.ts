// expect: ScriptRuntimeError
// ---
return (function () { return arguments.callee; })();
