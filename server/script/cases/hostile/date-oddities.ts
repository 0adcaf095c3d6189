// expect: done
// ---
const made = [NaN, Infinity, 8.64e15, 8.64e15 + 1, -8.64e15, -0].map((n) => new Date(n));
return [made.map((d) => d.toJSON()), Date.parse('x'.repeat(100000)), new Date('2024-13-45').getTime(), new Date(2024, 1e9).getTime(), new Date(0).toLocaleString('xx-invalid')];
