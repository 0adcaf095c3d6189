// expect: ScriptLimit
// says: parts
// limits: cpu=5,memory=96,wall=20
// ---
return Array(300000).fill(0).map(() => ({}));
