#!/usr/bin/env python3
"""A model on loopback that a test holds the reins of: it speaks the Messages wire and takes its answers from a file of JSON, in
order. An answer is a text, or a list of texts and waits: ["begins", {"until": "FILE"}, " and ends"] goes on when the file is
there. What it is asked is kept beside it, one request a line. Prints its address.

    helix-model.py ANSWERS REQUESTS"""
import http.server
import json
import os
import sys
import threading
import time

answers = json.load(open(sys.argv[1], encoding="utf-8"))["replies"]
lock = threading.Lock()
taken = 0


class Model(http.server.BaseHTTPRequestHandler):
    def event(self, data):
        self.wfile.write(b"event: %s\ndata: %s\n\n" % (data["type"].encode(), json.dumps(data).encode()))
        self.wfile.flush()

    def delta(self, text):
        self.event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})

    def send_part(self, part):
        if isinstance(part, str):
            for start in range(0, len(part), 13):
                self.delta(part[start : start + 13])
            return
        while not os.path.exists(part["until"]):
            time.sleep(0.02)
            # The other end may have gone; a ping finds it out.
            self.event({"type": "ping"})

    def refuse(self):
        error = {"type": "invalid_request_error", "message": "the test has no more replies"}
        body = json.dumps({"type": "error", "error": error}).encode()
        self.send_response(400)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        global taken
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with lock:
            answer = answers[taken] if taken < len(answers) else None
            taken += 1
            with open(sys.argv[2], "ab") as kept:
                kept.write(body.replace(b"\n", b" ") + b"\n")
        if answer is None:
            return self.refuse()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        usage = {"input_tokens": 100, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1}
        message = {"id": "msg_test", "type": "message", "role": "assistant", "model": "any-model", "content": []}
        message |= {"stop_reason": None, "stop_sequence": None, "usage": usage}
        try:
            self.event({"type": "message_start", "message": message})
            self.event({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
            for part in answer if isinstance(answer, list) else [answer]:
                self.send_part(part)
            self.event({"type": "content_block_stop", "index": 0})
            stop = {"stop_reason": "end_turn", "stop_sequence": None}
            self.event({"type": "message_delta", "delta": stop, "usage": {"output_tokens": 20}})
            self.event({"type": "message_stop"})
        except OSError:
            pass  # It was stopped.

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
server.daemon_threads = True
print("http://127.0.0.1:%d" % server.server_address[1], flush=True)
server.serve_forever()
