// expect: ScriptRuntimeError
// never: /etc/shadow
// ---
throw Object.assign(new Error('x'), { stack: '    at f (/etc/shadow:3:1)' });
