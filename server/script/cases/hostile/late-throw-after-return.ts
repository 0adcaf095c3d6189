// expect: done
// limits: grace=0.1
// ---
tools.sleep({ ms: 20 }).then(() => { throw new Error('late'); });
return 1;
