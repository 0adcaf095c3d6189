// expect: done
// says: contained
// ---
try { new (Promise as any)(1); } catch {}
try { Reflect.construct(Promise, [() => { throw 1; }]).catch(() => 0); } catch {}
try { (Promise.prototype.then as any).call({}, () => 1); } catch {}
try { (Promise.resolve as any).call(function (f: any) { f(() => 1, () => 2); return {}; }, 1); } catch {}
return 'contained';
