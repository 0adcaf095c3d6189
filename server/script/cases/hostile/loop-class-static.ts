// expect: ScriptTimeout
// ---
class A { static { for (;;) {} } }
