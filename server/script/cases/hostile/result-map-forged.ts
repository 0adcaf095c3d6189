// expect: ScriptTimeout, ScriptOutOfMemory, ScriptLimit, done, ScriptRuntimeError
// why: a map whose iterators never end
// ---
class M extends Map { *keys(): any { for (;;) yield 'k'; } *[Symbol.iterator](): any { for (;;) yield ['k', 1]; } }
return new M();
