// expect: done
// ---
return { tools, context, console, sleep };
