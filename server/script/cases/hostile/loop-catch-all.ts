// expect: ScriptTimeout, ScriptLimit
// ---
async function again() { try { for (;;) {} } catch { return again() } }
await again();
return 'caught';
