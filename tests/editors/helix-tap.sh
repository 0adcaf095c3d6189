# What the Helix tests share, to be sourced: TAP on stdout, a home of its own, a scripted model, Helix in tmux with the
# configuration of editors/helix. tmux is the screen and the keyboard; everything waits for what it expects. Its cores are its
# own, and end with it.
# Reads GLOSSATOR_BIN and EDITORS (the folder that fetch.sh made); gives $dir, $work and $arguments.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Keys of whoever runs the tests are none of theirs.
export DBUS_SESSION_BUS_ADDRESS=''
. "$here/cores.sh"
hx=$EDITORS/usr/bin/hx
glossator=$(readlink -f "${GLOSSATOR_BIN:?names the glossator binary to test}")

dir=$(mktemp -d)
work=$dir/work
model=
count=0

tm() { tmux -L editor "$@"; }
stop() {
  tm kill-server 2>/dev/null || true
  end_cores "$dir/run"
  [[ -z $model ]] || kill "$model" 2>/dev/null || true
  if [[ -n ${KEEP-} || $1 != 0 ]]; then echo "# files kept in $dir"; else rm -rf "$dir"; fi
}
trap 'stop $?' EXIT

# The core that serves the workspace.
core() { cores "$dir/run" | tail -n 1; }
screen() { tm capture-pane -p -t hx; }
# shot NAME: keeps the screen for docs/screens when SCREENS names a folder.
shot() {
  [[ -z ${SCREENS-} ]] || screen | sed -E 's/ +$//; /^ *~?$/d; /│/!s/ {40,}/          /; s#[^ ]*/sessions/[^/]*/#~/.../#; s#[^ ]*/tmp\.[A-Za-z0-9]+/#~/#' >"$SCREENS/$1.txt"
}
keys() { tm send-keys -t hx "$@"; }
typed() { tm send-keys -t hx -l "$1"; }
# Text for insert mode, as one change: Helix 25.01 sends the changes of keys that come all at once in any order.
pasted() {
  tm set-buffer -- "$1"
  tm paste-buffer -p -t hx
}

# expect NAME COMMAND...: one check; polls for 20 s (or $PATIENCE) and ends the test when it stays false, since nothing after it could work.
expect() {
  local name=$1
  shift
  count=$((count + 1))
  for _ in $(seq $((${PATIENCE:-20} * 20))); do
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
# hinted "2 6": these lines, and no others, are marked in the gutter; not counting those of the other server.
hinted() { [[ $(screen | grep -v unsaved | sed -nE 's/^ *● *([0-9]+) .*/\1/p' | xargs) == "$1" ]]; }
cursor_on() { screen | grep -qE " $1:[0-9]+ *\$"; }

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

# offered TEXT: opens the code actions until one of them holds TEXT (what they are about may not be there yet).
offered() {
  local round
  for round in $(seq 300); do
    if ((round % 10 == 1)); then
      escape
      typed ' a'
    fi
    sleep 0.05
    if menu | grep -qF -- "$1"; then break; fi
  done
  expect "the code actions show '$1'" on_screen "$1"
}

# The rows of the screen that hold a code action of ours, and no comments of the prompt document. They follow each other, and
# the first one is chosen.
menu() {
  screen | grep -vF '<!--' | grep -E ' [A-Z][a-z]+ ([0-9]+ )?(hunks?|file|all of|this session)\b|Next hunk|Open review|Apply (my edits|this block)|Go to source|(with|to) Glossator|Glossator: [A-Z]| (Show|Review|Undo|Redo|Fork here|Queue behind|Write a prompt)( |$)'
}

# action TEXT [SHOT]: chooses a code action.
action() {
  local row
  for _ in 1 2 3; do
    offered "$1"
    [[ -z ${2-} ]] || shot "$2"
    row=$(menu | grep -nF -- "$1" | head -n 1 | cut -d: -f1)
    for ((; row > 1; row--)); do keys Down; done
    # A dialog that opened over the menu would take the key.
    dialog || break
  done
  keys Enter
}
dialog() { on_screen '│ Glossator asks: '; }

# Commands take arguments since 25.07.
case $("$hx" --version) in *' '2[0-4].*|*' '25.01*) arguments=no ;; *) arguments=yes ;; esac

# ask TEXT: in the way this version of Helix has; one that takes no text needs a line with `unsaved`.
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

export HOME=$dir XDG_CONFIG_HOME=$dir/config XDG_CACHE_HOME=$dir/cache XDG_DATA_HOME=$dir/data TMUX_TMPDIR=$dir
export GLOSSATOR_CONFIG_DIR=$dir/config/glossator GLOSSATOR_STATE_DIR=$dir/state GLOSSATOR_RUNTIME_DIR=$dir/run SCRIPTED_KEY=x PATH="$dir/bin:$PATH"
mkdir -p "$XDG_CONFIG_HOME"/{helix,glossator} "$dir"/{cache,data,state,bin} "$work/.git"
ln -s "$glossator" "$dir/bin/glossator"

# The user's configuration, with a second server that gives a diagnostic for "Fix this", and what `glossator setup` makes of it.
cat >"$XDG_CONFIG_HOME/helix/languages.toml" <<TOML
[language-server.diagnose]
command = "$(command -v python3)"
args = ["$here/diagnose.py"]

# Text is no language of Helix.
[[language]]
name = "text"
scope = "text.plain"
file-types = ["txt"]
language-servers = ["diagnose"]
auto-format = true
formatter = { command = "tr", args = ["-s", " "] }
TOML
PATH="$EDITORS/usr/bin:$PATH" "$glossator" setup helix --yes >"$dir/setup.log"

# start_model: with the replies in $dir/replies.json.
start_model() {
  "$glossator" debug scripted-model "$dir/replies.json" >"$dir/url" &
  model=$!
  listening
}

# start_model_by_hand: as start_model, but it waits where its replies say so, until `go NAME`; `asked TEXT`: it was sent that.
start_model_by_hand() {
  sed "s#UNTIL/#$dir/until-#g" "$dir/replies.json" >"$dir/replies-here.json"
  python3 "$here/helix-model.py" "$dir/replies-here.json" "$dir/requests" >"$dir/url" &
  model=$!
  listening
}
go() { touch "$dir/until-$1"; }
asked() { grep -qF -- "$1" "$dir/requests"; }

listening() {
  expect "the scripted model listens" grep -q '^http://' "$dir/url"
  [[ -n ${UNSET-} ]] || write_settings
}

write_settings() {
  cat >"$GLOSSATOR_CONFIG_DIR/settings.toml" <<TOML
model = "scripted/any-model"
[providers.scripted]
wire = "messages"
base_url = "$(grep -o -m 1 'http://[^ ]*' "$dir/url")"
key_env = "SCRIPTED_KEY"
[core]
linger_s = 15
TOML
}

start_helix() {
  tm -f /dev/null new-session -d -s hx -x "${WIDTH:-140}" -y 40 "cd '$work' && exec '$hx' --log '$dir/helix.log' -v poem.txt"
  tm set -g escape-time 0
}
