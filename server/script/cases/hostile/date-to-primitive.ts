// expect: done, ScriptRuntimeError
// ---
return [(new Date(0) as any)[Symbol.toPrimitive]('number'), JSON.stringify({ d: new Date(0) })];
