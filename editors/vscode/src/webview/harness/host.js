// Stands for the extension in a page without VS Code: answers what the page asks from `window.answers`, keeps what it was
// told in `window.heard`, and says what a test tells it to by `window.say(message)`. Runs before anything else in the page.
(() => {
  window.heard = [];
  window.answers = {};
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  window.say = (message) => window.postMessage(message, "*");
  const answer = (message) => {
    const key = message.type === "request" ? message.method : message.type === "command" ? message.name : message.task.type;
    const given = window.answers[key];
    const value = given === undefined ? null : given;
    if (value !== null && typeof value === "object" && value.failure !== undefined) {
      window.say({ type: "failure", id: message.id, message: value.failure, ...(value.data && { data: value.data }) });
    } else if (given !== undefined || message.type !== "request") {
      window.say({ type: "response", id: message.id, result: value });
    } else {
      window.say({ type: "failure", id: message.id, message: `no answer to ${key}` });
    }
  };
  window.acquireVsCodeApi = () => ({
    postMessage(message) {
      window.heard.push(message);
      if (message.id !== undefined) setTimeout(() => answer(message), 1);
    },
  });
})();
