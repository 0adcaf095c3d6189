// A model that a test holds the reins of: an HTTP server on loopback that speaks the Messages wire, pauses where the test says
// so, and remembers what it was asked.
import http from "node:http";

/** Bodies as they came, oldest first. */
export const requests = [];

const replies = [];
/** Characters of a fragment. */
const CHUNK = 24;

/** A turn's script, as a model writes it. */
export const script = (code, words = "I will do it.") => `${words}\n\n<tool-calls>\n${code}\n</tool-calls>\n`;

/** A patch of one file; each chunk is its lines, with their signs. */
export function patch(path, ...chunks) {
  const lines = chunks.map((chunk) => `@@\n${chunk.join("\n")}\n`).join("");
  return `await tools.applyPatch({ patch: \`*** Begin Patch\n*** Update File: ${path}\n${lines}*** End Patch\` });`;
}

/** A command, run. */
export const run = (...command) => `await tools.exec({ command: ${JSON.stringify(command)} });`;

/** Something that a reply waits for: `gate.open()` lets it go on. */
export function gate() {
  let open;
  const opened = new Promise((done) => (open = done));
  return { opened, open };
}

/**
 * What is answered next, one a request: a text, or a list of texts and gates. A number in the list is from there on the
 * milliseconds between two fragments.
 */
export function say(...more) {
  replies.push(...more);
}

/** Forgets what would be answered next. */
export const forget = () => void replies.splice(0);

/** How many answers wait for a request. */
export const left = () => replies.length;

/** What the newest request holds, whole; and its newest message, which is the user's word or the result of a script. */
export const asked = () => JSON.stringify(requests.at(-1) ?? {});
export const told = () => JSON.stringify(requests.at(-1)?.messages.at(-1) ?? {});

async function stream(response, reply) {
  const event = (data) => response.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
  response.writeHead(200, { "content-type": "text/event-stream" });
  const usage = { input_tokens: 1200, cache_creation_input_tokens: 0, cache_read_input_tokens: 5400, output_tokens: 1 };
  const message = { id: "msg_test", type: "message", role: "assistant", model: "any-model", content: [], stop_reason: null, stop_sequence: null, usage };
  event({ type: "message_start", message });
  event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
  let pace = 0;
  for (const part of Array.isArray(reply) ? reply : [reply]) {
    if (typeof part === "number") pace = part;
    else if (typeof part !== "string") await Promise.race([part.opened, new Promise((done) => response.on("close", done))]);
    else {
      // A character of two units is never cut, as no model does that.
      const characters = [...part];
      for (let at = 0; at < characters.length && !response.destroyed; at += CHUNK) {
        event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: characters.slice(at, at + CHUNK).join("") } });
        if (pace > 0) await new Promise((done) => setTimeout(done, pace));
      }
    }
  }
  event({ type: "content_block_stop", index: 0 });
  event({ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 180 } });
  event({ type: "message_stop" });
  response.end();
}

function json(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function answer(request, response, body) {
  if (request.method !== "POST") {
    const model = (id, name) => ({ type: "model", id, display_name: name });
    return json(response, 200, { data: [model("any-model", "Any Model"), model("other-model", "Other Model")], has_more: false });
  }
  requests.push(JSON.parse(body));
  const reply = replies.shift();
  if (reply !== undefined) return void stream(response, reply).catch(() => response.destroy());
  json(response, 400, { type: "error", error: { type: "invalid_request_error", message: "the test has no more replies" } });
}

/** Starts it; its base URL, and what ends it. */
export async function start() {
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (data) => (body += data));
    request.on("end", () => answer(request, response, body));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  server.unref();
  return { url: `http://127.0.0.1:${server.address().port}`, end: () => server.closeAllConnections() };
}
