// expect: done
// says: first
// limits: grace=0.1
// why: every answer in the grace makes the next call
// ---
const again = (): any => tools.echo({}).then(again);
again();
return 'first';
