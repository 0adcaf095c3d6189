// expect: done, ScriptRuntimeError
// ---
return [(1.5).toFixed(100).length, (1e-300).toPrecision(100).length, (2 ** 1023).toString(2).length, (0.1).toString(36).length, Number('0x' + 'f'.repeat(10000)), parseFloat('1'.repeat(100000)), Number('1e' + '9'.repeat(1000))];
