// expect: ScriptSyntaxError
// ---
class A { static { return 1; } }
