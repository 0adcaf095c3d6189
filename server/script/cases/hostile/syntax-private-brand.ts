// expect: ScriptRuntimeError
// ---
class A { #x = 1; static read(o: any) { return o.#x; } }
return A.read({});
