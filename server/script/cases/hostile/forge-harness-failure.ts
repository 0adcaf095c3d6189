// expect: ScriptRuntimeError
// ---
throw Object.assign(new Error('the worker died'), { name: 'HarnessFailure' });
