// expect: done
// says: contained
// why: frozen prototypes must not break classes and plain objects
// ---
class E extends Error { constructor(m: string) { super(m); this.name = 'E'; } }
const o: any = {}; o.toString = () => 'mine'; o.constructor = 1;
const f: any = () => 1; f.call = 2;
const a: any = []; a.foo = 1;
if (new E('x').name !== 'E' || `${o}` !== 'mine' || f.call !== 2) throw new Error('broken');
return 'contained';
