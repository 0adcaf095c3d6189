// expect: ScriptRuntimeError
// ---
throw Object.assign(new Error('x'), { stack: 'script.ts:1:1\n'.repeat(1e5) });
