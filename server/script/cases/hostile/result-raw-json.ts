// expect: done, ScriptRuntimeError
// ---
return (JSON as any).rawJSON ? (JSON as any).rawJSON('{"a":1') : 'none';
