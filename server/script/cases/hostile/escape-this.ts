// expect: done
// says: contained
// ---
const seen = (function (this: any) { return this; })();
if (seen !== undefined) throw new Error('this is ' + typeof seen);
if ((0, tools.echo) !== tools.echo) throw new Error('another echo');
return 'contained';
