// expect: done
// says: contained
// ---
var tools2 = tools; function Promise2() {}
try { (globalThis as any).mine = 1; } catch {}
try { undeclared = 1; throw new Error('sloppy'); } catch (e: any) { if (e.name !== 'ReferenceError') throw e; }
return (await tools2.echo({ a: 'contained' })).a;
