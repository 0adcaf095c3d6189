// expect: ScriptLimit
// says: recursion
// ---
const f = () => f() + 1;
f();
