#!/usr/bin/env bash
# A whole turn in a real Helix with the configuration of editors/helix: typed but unsaved text is patched, an ask is
# answered, undo works. tmux is the screen and the keyboard; everything waits for what it expects. TAP on stdout.
#   GLOSSATOR_BIN=target/debug/glossator tests/editors/helix.sh [--suite trixie|forky]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
editors=$("$here/fetch.sh" "$@")
hx=$editors/usr/bin/hx
glossator=$(readlink -f "${GLOSSATOR_BIN:?names the glossator binary to test}")

dir=$(mktemp -d)
work=$dir/work
model=
count=0

tm() { tmux -L editor "$@"; }
stop() {
  tm kill-server 2>/dev/null || true
  [[ -z $model ]] || kill "$model" 2>/dev/null || true
  if [[ -n ${KEEP-} || $1 != 0 ]]; then echo "# files kept in $dir"; else rm -rf "$dir"; fi
}
trap 'stop $?' EXIT

screen() { tm capture-pane -p -t hx; }
keys() { tm send-keys -t hx "$@"; }
typed() { tm send-keys -t hx -l "$1"; }

# expect NAME COMMAND...: one check; polls for 20 s and ends the test when it stays false, since nothing after it could work.
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
  tail -n 5 "$dir/helix.log" | cut -c1-300 | sed 's/^/# log: /'
  exit 1
}

on_screen() { screen | grep -qF -- "$1"; }
not_on_screen() { ! on_screen "$1"; }
log_holds() { grep -rqF -- "$1" "$dir/state"; }
in_log() { (($(grep -rhoF -- "$2" "$dir/state" | wc -l) >= $1)); }
disk_is() { [[ $(cat "$work/poem.txt") == "$1" ]]; }

# A key right behind ESC is read as Alt-key: pause, and go on when the prompt is there.
escape() { keys Escape; sleep 0.15; }
at_prompt() { screen | tail -n 1 | grep -q '^:'; }
colon() {
  local _
  for _ in 1 2 3 4 5; do
    escape
    typed ':'
    sleep 0.15
    if at_prompt; then break; fi
  done
  typed "$1"
  expect "typed :$1" bash -c "tmux -L editor capture-pane -p -t hx | tail -n 1 | grep -qF -- ${1@Q}"
  keys Enter
}

# offered TEXT: opens the code actions until one of them holds TEXT (an ask may not be there yet).
offered() {
  local _
  for _ in $(seq 60); do
    escape
    typed ' a'
    sleep 0.25
    if on_screen "$1"; then break; fi
  done
  expect "the code actions show '$1'" on_screen "$1"
}

# action TEXT: chooses a code action.
action() {
  local row
  offered "$1"
  # The menu begins with its first entry chosen; the entries of the servers follow each other line by line.
  row=$(screen | grep -E 'Glossator' | grep -nF -- "$1" | head -n 1 | cut -d: -f1)
  for ((; row > 1; row--)); do keys Down; done
  keys Enter
}

export HOME=$dir XDG_CONFIG_HOME=$dir/config XDG_CACHE_HOME=$dir/cache XDG_DATA_HOME=$dir/data TMUX_TMPDIR=$dir
export GLOSSATOR_CONFIG_DIR=$dir/config/glossator GLOSSATOR_STATE_DIR=$dir/state SCRIPTED_KEY=x PATH="$dir/bin:$PATH"
mkdir -p "$XDG_CONFIG_HOME"/{helix,glossator} "$dir"/{cache,data,state,bin} "$work/.git"
ln -s "$glossator" "$dir/bin/glossator"
printf 'first line\na saved line\nlast line\n' >"$work/poem.txt"

# The user's configuration, and a second server that gives a diagnostic for "Fix this".
cp "$here/../../editors/helix/config.toml" "$XDG_CONFIG_HOME/helix/config.toml"
sed 's/^language-servers = \["glossator"\]$/language-servers = ["diagnose", "glossator"]/' \
  "$here/../../editors/helix/languages.toml" >"$XDG_CONFIG_HOME/helix/languages.toml"
cat >>"$XDG_CONFIG_HOME/helix/languages.toml" <<TOML
[language-server.diagnose]
command = "$(command -v python3)"
args = ["$here/diagnose.py"]
TOML

cat >"$dir/replies.json" <<'JSON'
{"replies": [
  "I will do it.\n\n<tool-calls>\nconst poem = await tools.readFile({ path: \"poem.txt\" });\nif (!poem.text.includes(\"an unsaved line\")) throw new Error(\"unsaved text is not seen: \" + poem.text);\nreturn await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: poem.txt\n@@\n-an unsaved line\n+a line by the agent\n*** End Patch` });\n</tool-calls>",
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
cat >"$GLOSSATOR_CONFIG_DIR/settings.toml" <<TOML
model = "scripted/any-model"
[providers.scripted]
wire = "messages"
base_url = "$(grep -o -m 1 'http://[^ ]*' "$dir/url")"
key_env = "SCRIPTED_KEY"
TOML

# Commands take arguments since 25.07.
case $("$hx" --version) in *' '2[0-4].*|*' '25.01*) arguments=no ;; *) arguments=yes ;; esac

# ask TEXT: in the way this version of Helix has.
ask() {
  if [[ $arguments == yes ]]; then
    colon "lsp-workspace-command glossator.ask \"$1\""
  else
    escape
    typed 'gg'
    typed "/unsaved"
    keys Enter
    action 'Fix this with Glossator'
  fi
}

tm -f /dev/null new-session -d -s hx -x 140 -y 40 "cd '$work' && exec '$hx' --log '$dir/helix.log' -v poem.txt"
tm set -g escape-time 0
expect "Helix shows the file" on_screen "a saved line"

typed 'gg'
typed 'jxc'
typed 'an unsaved line'
escape
expect "a line is changed and not saved" on_screen "an unsaved line"
expect "the other server marks it" on_screen "this line is not saved"

ask "please patch the poem"
expect "the edit of the agent is in the buffer" on_screen "a line by the agent"
expect "the old line is gone" not_on_screen "an unsaved line"
expect "the log on disk holds the turn" log_holds turnEnded
expect "the file on disk is untouched" disk_is $'first line\na saved line\nlast line'

escape
typed 'u'
expect "u takes the edit back" on_screen "an unsaved line"
escape
typed 'U'
expect "U brings it back" on_screen "a line by the agent"
colon 'lsp-workspace-command glossator.undoTurn'
expect "glossator.undoTurn takes the turn back" on_screen "an unsaved line"

ask "run a command"
action 'Glossator: Allow'
expect "the allowed command ran" test -e "$work/ran.txt"
expect "the file on disk is still untouched" disk_is $'first line\na saved line\nlast line'

ask "run another command"
offered 'Glossator: Deny'
escape
typed ' ln' # the key of editors/helix/config.toml
expect "the key refuses the question" log_holds '"deny"'
expect "and the turn goes on to its end" in_log 3 turnEnded
expect "the denied command did not run" test ! -e "$work/denied.txt"
colon 'qa!'
expect "Helix ends" bash -c '! tmux -L editor has-session -t hx'
echo "1..$count"
