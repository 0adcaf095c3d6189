// expect: done, ScriptRuntimeError
// ---
for (const label of ['utf-16le', 'x'.repeat(100000), '\0', '', '__proto__']) { try { new TextDecoder(label); } catch (e) { if (!(e instanceof Error)) throw e; } }
return 1;
