// expect: ScriptRuntimeError
// says: Symbol(x)
// ---
throw Symbol('x');
