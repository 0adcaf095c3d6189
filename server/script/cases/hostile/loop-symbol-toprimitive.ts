// expect: ScriptTimeout
// ---
const key = { [Symbol.toPrimitive]() { for (;;) {} } };
return ({})[key];
