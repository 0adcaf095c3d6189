// expect: ScriptRuntimeError
// never: /etc/passwd:
// ---
throw new Error('x');
//# sourceURL=/etc/passwd
