// expect: ScriptRuntimeError, ScriptSyntaxError
// ---
throw Object.assign(new SyntaxError('fake'), { stack: '' });
