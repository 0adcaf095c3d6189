// expect: done
// limits: grace=0.1
// bound: 9
// why: the result is there; what spins behind it is cut off
// ---
tools.sleep({ ms: 20 }).then(() => { for (;;) {} });
return 1;
