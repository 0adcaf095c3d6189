#!/usr/bin/env python3
"""A language server of one idea: it marks every line that holds the word `unsaved`. The Helix test needs a diagnostic
of another server to start a turn from, as users of Helix 25.01 do."""
import json
import sys


def send(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    sys.stdout.buffer.flush()


def receive():
    length = 0
    while (line := sys.stdin.buffer.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return json.loads(sys.stdin.buffer.read(length)) if length else {"method": "exit"}


def mark(uri, text):
    marked = [
        {
            "range": {"start": {"line": row, "character": 0}, "end": {"line": row, "character": len(line)}},
            "severity": 2,
            "source": "diagnose",
            "message": "this line is not saved",
        }
        for row, line in enumerate(text.split("\n"))
        if "unsaved" in line
    ]
    send({"method": "textDocument/publishDiagnostics", "params": {"uri": uri, "diagnostics": marked}})


while True:
    message = receive()
    method, params = message["method"] if "method" in message else None, message.get("params") or {}
    if method == "exit":
        break
    elif method == "initialize":
        send({"id": message["id"], "result": {"capabilities": {"textDocumentSync": 1, "positionEncoding": "utf-32"}}})
    elif method == "shutdown":
        send({"id": message["id"], "result": None})
    elif method == "textDocument/didOpen":
        mark(params["textDocument"]["uri"], params["textDocument"]["text"])
    elif method == "textDocument/didChange":
        mark(params["textDocument"]["uri"], params["contentChanges"][-1]["text"])
    elif method and "id" in message:
        send({"id": message["id"], "error": {"code": -32601, "message": "no " + method}})
