// expect: ScriptSyntaxError, done, ScriptRuntimeError
// ---
```ts
return 1;
```
