// expect: ScriptOutOfMemory, ScriptRuntimeError, ScriptTimeout, done, ScriptLimit
// why: a full heap once crashed the engine's own parser
// limits: memory=2
// ---
const parts = [];
try { for (;;) parts.push({ a: parts }); } catch { parts.length = 0; }
const r = []; try { for (let i = 0; i < 2000; i++) r.push(new RegExp('(a' + i + ')*')); } catch (e) { return String(e && e.name); }
return 'went on';
