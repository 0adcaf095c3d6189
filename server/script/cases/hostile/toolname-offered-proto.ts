// expect: done
// tools: __proto__, constructor, then, toString, hasOwnProperty, a.__proto__, a.constructor.b, prototype.x
// why: a server that names its tools like this must not break the others
// ---
return (await tools.echo({ a: 'contained' })).a;
