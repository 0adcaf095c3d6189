// expect: ScriptTimeout
// ---
const tag = () => { for (;;) {} };
return tag`x${1}y`;
