// expect: ScriptSyntaxError
// ---
enum A { B }
