// expect: done
// why: started and never awaited
// limits: grace=0.05
// ---
for (let i = 0; i < 50; i++) tools.hang({});
return 1;
