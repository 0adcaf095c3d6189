// expect: ScriptRuntimeError
// ---
class ScriptTimeout extends Error { name = 'ScriptTimeout'; }
throw new ScriptTimeout('The script used up CPU time');
