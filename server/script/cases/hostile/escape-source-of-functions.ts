// expect: done
// says: contained
// never: native.call
// why: the text of the harness's own functions is nobody's business, and must at least hold no secret
// ---
const texts = [tools.echo, console.log, sleep, eval].map((f: any) => Function.prototype.toString.call(f));
return texts.every((text) => typeof text === 'string') ? 'contained' : texts.length;
