// expect: done
// ---
try { (Array.prototype as any)[Symbol.unscopables].x = 1; } catch {}
return 1;
