// expect: done
// says: contained
// why: names of the script's own are fine, and reach nobody else
// ---
const JSON = { stringify: () => 'stolen' }, Promise = 1, Object = 2, Error = 3;
void JSON, Promise, Object, Error;
return (await tools.echo({ a: 'contained' })).a;
