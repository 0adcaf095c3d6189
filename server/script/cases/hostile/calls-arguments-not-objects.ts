// expect: done
// says: contained
// limits: cpu=2,wall=20
// ---
for (const bad of [1n, () => 1, Symbol('x')]) {
  try { await tools.echo(bad as any); } catch (e: any) { if (e.name === 'ToolArguments') continue; throw e; }
  throw new Error('taken: ' + typeof bad);
}
return 'contained';
