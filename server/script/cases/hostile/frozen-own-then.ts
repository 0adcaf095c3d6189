// expect: done
// says: 1
// why: a promise of a tool call with a `then` of its own
// ---
const p: any = tools.echo({ a: 1 });
try { p.then = () => { throw new Error('stolen'); }; } catch {}
try { Object.defineProperty(p, 'constructor', { value: { [Symbol.species]: function () { throw new Error('species'); } } }); } catch {}
return await Promise.race([new Promise((resolve) => setLater(resolve)), sleep(10).then(() => 1)]);
function setLater(resolve: any) { void resolve; }
