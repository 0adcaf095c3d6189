// expect: ScriptSyntaxError, ScriptRuntimeError
// ---
return (await import('data:text/javascript,export default 1')).default;
