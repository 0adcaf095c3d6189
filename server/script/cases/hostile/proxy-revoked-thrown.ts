// expect: ScriptRuntimeError
// ---
const { proxy, revoke } = Proxy.revocable(function () {}, {});
revoke();
throw proxy;
