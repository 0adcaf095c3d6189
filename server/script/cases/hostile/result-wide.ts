// expect: ScriptLimit
// says: parts
// limits: cpu=5,memory=96
// ---
return Array(300000).fill(0).map(() => ({}));
