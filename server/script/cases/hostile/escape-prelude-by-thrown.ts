// expect: done
// says: contained
// why: errors of the harness must not carry its functions
// ---
const got: any[] = [];
try { tools.nope(); } catch (e) { got.push(e); }
try { await tools.fail({}); } catch (e) { got.push(e); }
try { await tools.echo(1 as any, 2 as any); } catch (e) { got.push(e); }
for (const e of got) for (const key of Reflect.ownKeys(e)) {
  if (typeof (e as any)[key] === 'function') throw new Error(String(key));
  if (/prelude/.test(String((e as any)[key]))) throw new Error(String((e as any)[key]));
}
return 'contained';
