// expect: done
// says: 7
// why: what runs on behind the script's back cannot hold up its result
// ---
const f = () => Promise.resolve().then(f);
f();
return 7;
