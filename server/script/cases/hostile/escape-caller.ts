// expect: done
// says: contained
// ---
function f(): any { try { return (f as any).caller ?? (f as any).arguments ?? null; } catch { return null; } }
const args = (function (...a: any[]): any { try { return (arguments as any).callee ?? null; } catch { return null; } })();
if (f() !== null || args !== null) throw new Error('caller');
return 'contained';
