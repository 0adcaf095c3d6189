// expect: ScriptLimit
// says: bytes long
// why: a million parts do not fit the longest script
// ---
const tag = (parts: any) => parts.length;
return tag`⟦200000 × ${1}a⟧`;
