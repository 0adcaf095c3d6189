// expect: done
// why: a tool that does not listen to its token cannot hold up the script
// limits: grace=0.05
// ---
tools.stubborn({});
return 1;
