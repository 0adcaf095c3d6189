#!/usr/bin/env bash
# Runs the Kakoune test: kakoune-lsp with our configuration, typed at in tmux. TAP on stdout.
# Not part of tests/run: kakoune-lsp has to be built (about two minutes of both cores), once, into the cache beside the editors.
#   GLOSSATOR_BIN=target/debug/glossator tests/editors/kakoune.sh
set -euo pipefail
# Keys of whoever runs the tests are none of theirs.
export DBUS_SESSION_BUS_ADDRESS=''
here=$(cd "$(dirname "$0")" && pwd)
kakoune=$("$here/fetch.sh" --kakoune "$@")
glossator=$(readlink -f "${GLOSSATOR_BIN:?names the glossator binary to test}")
. "$here/cores.sh"

version=22.0.0
lsp=$(dirname "$kakoune")/kak-lsp-$version
if [[ ! -x $lsp/bin/kak-lsp ]]; then
  echo "# building kak-lsp $version"
  cargo install --quiet --locked --root "$lsp" --target-dir "$lsp/target" "kak-lsp@$version" >&2
  rm -rf "$lsp/target"
fi

dir=$(mktemp -d)
work=$dir/work model= count=0
tm() { tmux -L editor "$@"; }
stop() {
  tm kill-server 2>/dev/null || true
  end_cores "$dir/run"
  [[ -z $model ]] || kill "$model" 2>/dev/null || true
  if [[ -n ${KEEP-} || $1 != 0 ]]; then echo "# files kept in $dir"; else rm -rf "$dir"; fi
}
trap 'stop $?' EXIT

screen() { tm capture-pane -p -t kak; }
keys() { tm send-keys -t kak "$@"; }
typed() { tm send-keys -t kak -l "$1"; }
# expect NAME COMMAND...: one check; polls for 20 s and ends the test when it stays false.
expect() {
  local name=$1
  shift
  count=$((count + 1))
  for _ in $(seq 400); do
    if "$@" >/dev/null 2>&1; then echo "ok $count - $name"; return; fi
    sleep 0.05
  done
  echo "not ok $count - $name"
  screen | sed 's/^/# /'
  exit 1
}
on_screen() { screen | grep -qF -- "$1"; }
in_log() { (($(grep -rhoF -- "$2" "$dir/state" | wc -l) >= $1)); }
disk_is() { [[ $(cat "$work/poem.md") == "$1" ]]; }
colon() {
  keys Escape
  sleep 0.15
  typed ":$1"
  expect "typed :$1" bash -c "tmux -L editor capture-pane -p -t kak | tail -n 1 | grep -qF -- ${1@Q}"
  keys Enter
}
# press KEY: behind the keys of our mode.
press() {
  keys Escape
  sleep 0.15
  typed ' g'
  expect "the keys are shown" on_screen 'undo the turn'
  typed "$1"
}

export HOME=$dir XDG_CONFIG_HOME=$dir/config XDG_CACHE_HOME=$dir/cache XDG_DATA_HOME=$dir/data XDG_RUNTIME_DIR=$dir/runtime TMUX_TMPDIR=$dir
export GLOSSATOR_CONFIG_DIR=$dir/config/glossator GLOSSATOR_STATE_DIR=$dir/state GLOSSATOR_RUNTIME_DIR=$dir/run SCRIPTED_KEY=x
export PATH=$dir/bin:$lsp/bin:$kakoune/usr/bin:$PATH
mkdir -p "$XDG_CONFIG_HOME"/{kak,glossator} "$dir"/{cache,data,state,bin} "$work/.git"
mkdir -m 700 "$XDG_RUNTIME_DIR"
ln -s "$glossator" "$dir/bin/glossator"
printf 'set-option global autoreload yes\n' >"$XDG_CONFIG_HOME/kak/kakrc"
"$glossator" setup kakoune --yes >"$dir/setup.log"
printf 'first line\na saved line\nlast line\n' >"$work/poem.md"
printf 'fn main() {}\n' >"$work/main.rs"
cat >"$dir/replies.json" <<'JSON'
{"replies": [
  "<tool-calls>\nconst poem = await tools.readFile({ path: \"poem.md\" });\nif (!poem.text.includes(\"an unsaved line\")) throw new Error(\"unsaved text is not seen: \" + poem.text);\nreturn await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: poem.md\n@@\n-an unsaved line\n+a line by the agent\n*** End Patch` });\n</tool-calls>",
  "Said the model.",
  "<tool-calls>\nreturn (await tools.exec({ command: [\"touch\", \"ran.txt\"] })).exitCode;\n</tool-calls>",
  "Said the model.",
  "<tool-calls>\nreturn (await tools.exec({ command: [\"touch\", \"denied.txt\"] })).exitCode;\n</tool-calls>",
  "Said the model."
]}
JSON
"$glossator" debug scripted-model "$dir/replies.json" >"$dir/url" &
model=$!
expect "the scripted model listens" grep -q '^http://' "$dir/url"

tm -f /dev/null new-session -d -s kak -x 140 -y 40 "cd '$work' && exec kak poem.md"
tm set -g escape-time 0
expect "Kakoune shows the file" on_screen "a saved line"

# The first run: there is no model and no key.
colon 'glossator-ask "who are you"'
expect "the first prompt says what to do" on_screen "No model is chosen"
cat >"$GLOSSATOR_CONFIG_DIR/settings.toml" <<TOML
model = "scripted/any-model"
[providers.scripted]
wire = "messages"
base_url = "$(grep -o -m 1 'http://[^ ]*' "$dir/url")"
key_env = "SCRIPTED_KEY"
[core]
linger_s = 15
TOML
colon 'edit poem.md'
expect "Kakoune shows the file again" on_screen "a saved line"

# A turn with a script on text that is not saved.
typed 'ggjxc'
typed 'an unsaved line'
keys Enter
keys Escape
expect "a line is changed and not saved" on_screen "an unsaved line"
colon 'glossator-ask "please patch the poem"'
expect "the edit of the agent is in the buffer" on_screen "a line by the agent"
expect "the turn ends" in_log 1 turnEnded
expect "the file on disk is untouched" disk_is $'first line\na saved line\nlast line'
press u
expect "a key takes the turn back" on_screen "an unsaved line"

# Questions.
press g
expect "a key asks for a text" on_screen "Ask Glossator:"
typed 'run a "command"'
keys Enter
expect "it is asked for" on_screen "Allow exec touch ran.txt"
press y
expect "a key allows it" test -e "$work/ran.txt"
expect "and the turn ends" in_log 2 turnEnded
expect "the quotes arrived" in_log 1 'run a \"command\"'
colon 'glossator-ask "run another command"'
expect "the next one is asked for" on_screen "Allow exec touch denied.txt"
press n
expect "a key denies it" in_log 1 '"deny"'
expect "and that turn ends" in_log 3 turnEnded
expect "nothing was done" test ! -e "$work/denied.txt"

# Beside the server that a file type has already.
printf '#!/bin/sh\nexec %s %s\n' "$(command -v python3)" "$here/diagnose.py" >"$dir/bin/rust-analyzer"
chmod +x "$dir/bin/rust-analyzer"
colon 'edit main.rs'
colon 'echo -debug -- servers: %opt{lsp_servers}'
colon 'buffer *debug*'
expect "Rust has its server, and Glossator" on_screen "Starting language server rust-analyzer"
colon 'quit!'
echo "1..$count"
