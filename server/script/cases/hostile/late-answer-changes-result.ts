// expect: done
// says: before
// limits: grace=0.1
// why: the value is taken when the script returns, not later
// ---
const value = { state: 'before' };
tools.sleep({ ms: 20 }).then(() => { value.state = 'after'; });
return value;
