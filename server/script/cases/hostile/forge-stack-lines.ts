// expect: ScriptRuntimeError
// never: 99999
// why: a place that the source does not have
// ---
throw Object.assign(new Error('x'), { stack: '    at f (script.ts:99999:99999)\n    at g (/etc/passwd:1:1)' });
