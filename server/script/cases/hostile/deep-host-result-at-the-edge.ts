// expect: done, ToolFailed
// says: fine
// ---
for (const depth of [100, 108, 109, 110, 111, 112, 120, 126, 127, 128, 129]) {
  const answer = await tools.deep({ depth }).catch((e) => e.name);
  if (answer === undefined) throw new Error('nothing at ' + depth);
}
return 'fine';
