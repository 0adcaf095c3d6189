// expect: ScriptTimeout
// ---
const r = /a/y;
while (true) { r.lastIndex = 0; r.exec('a'); }
