# `glossator setup helix` in a terminal, with a real Helix: what it shows and asks, that Helix then starts glossator beside the
# servers that each language has already, and that --remove leaves what there was. helix.sh runs it.
set -euo pipefail
. "$(dirname "$0")/helix-tap.sh"
folder=$XDG_CONFIG_HOME/helix
export PATH=$EDITORS/usr/bin:$PATH
# Helix's own list for TOML begins with taplo: here that is a server that marks lines.
cat >"$folder/languages.toml" <<TOML
# mine
[language-server.taplo]
command = "$(command -v python3)"
args = ["$here/diagnose.py"]

[[language]]
name = "python"        # a list of mine
language-servers = [
  "mine", # the best
]
[language-server.mine]
command = "mine"
TOML
printf '#!/bin/sh\nexec %s %s\n' "$(command -v python3)" "$here/diagnose.py" >"$dir/bin/mine"
chmod +x "$dir/bin/mine"
printf 'theme = "default"\n[keys.normal.space.l]\nr = ":reload" # mine' >"$folder/config.toml"
cp -r "$folder" "$dir/before"
printf 'a = "unsaved"\n' >"$work/a.toml"
printf 'a = "unsaved"\n' >"$work/a.py"

# Helix is asked some hundred times: that takes a while where the machine has other work, too.
PATIENCE=90
# A server of tmux that is just leaving takes no new session.
terminal() { tm -f /dev/null new-session -d -s hx -x 140 -y 40 "$1"; }
in_terminal() { expect "a terminal opens" terminal "cd '$work' && $1; sleep 120"; }
languages() { "$hx" --health "$1" 2>&1 | sed 's/\x1b\[[0-9;]*m//g' | sed -nE 's/^  [^ ]+ ([^:]+): .*/\1/p' | sed 's#.*/##' | grep -vx "'.*" | xargs; }
opened() { expect "Helix is started" terminal "cd '$work' && exec '$hx' --log '$dir/helix.log' -v $1"; }
closed() { colon 'qa!'; expect "Helix ends" bash -c '! tmux -L editor has-session -t hx'; }

in_terminal "env -u NO_COLOR glossator setup helix"
expect "it asks" on_screen "Do this? [y/N]"
expect "says what is taken" on_screen '`keys.normal.space.l.r` is yours and stays'
tm capture-pane -p -e -S - -t hx >"$dir/shown"
expect "shows the diff in colour" grep -q $'\e\\[32m+' "$dir/shown"
shot helix-setup
keys n Enter
expect "no is no" on_screen "Nothing was written."
expect "and changes nothing" diff -r "$dir/before" "$folder"
tm kill-session -t hx
in_terminal "glossator setup helix"
expect "it asks again" on_screen "Do this? [y/N]"
keys y Enter
expect "yes writes" on_screen "Start Helix anew"
tm kill-session -t hx
expect "what there was is kept beside" diff "$dir/before/languages.toml" "$folder/languages.toml.before-glossator"
expect "the list of mine is added to" grep -qxF '  "mine", "glossator", # the best' "$folder/languages.toml"
expect "Rust has its server, and glossator" test "$(languages rust)" = "rust-analyzer glossator"
expect "so has HTML" test "$(languages html)" = "vscode-html-language-server superhtml glossator"
expect "diffs and text have it" test "$(languages diff) $(languages text)" = "glossator glossator"
cp -r "$folder" "$dir/after"
glossator setup helix --yes >"$dir/again"
expect "once more changes nothing" diff -r "$dir/after" "$folder"
expect "and says so" grep -q 'nothing to change' "$dir/again"
if [[ $arguments == yes ]]; then
  # What an older Helix was asked for has to hold in a newer one: an update leaves the files as they are.
  older=$("$here/fetch.sh" --suite trixie 2>/dev/null)
  PATH=$older/usr/bin:$PATH glossator setup helix --yes >"$dir/older"
  expect "after an update of Helix all is as before" test "$(languages rust) $(languages diff) $(languages text)" = "rust-analyzer glossator glossator glossator"
  glossator setup helix --yes >"$dir/newer"
  expect "and setup brings what is new" diff -rx "*.before-glossator" "$dir/after" "$folder"
fi

UNSET=1
printf '{"replies": []}' >"$dir/replies.json"
for name in a.toml a.py; do
  opened "$name"
  expect "$name: the server that was there marks a line" on_screen "this line is not saved"
  offered 'with Glossator'
  escape
  typed ' lc'
  expect "$name: a key of the setup works" on_screen "Glossator: write below what"
  closed
done

glossator setup helix --remove --yes >"$dir/removed"
rm -f "$folder"/*.before-glossator
expect "it is taken out to the byte" diff "$dir/before/languages.toml" "$folder/languages.toml"
expect "but for the end of the last line" test "$(cat "$dir/before/config.toml")" = "$(cat "$folder/config.toml")"
expect "and Helix knows of it no more" test "$(languages rust)" = "rust-analyzer"
opened a.toml
expect "while the server that was there goes on" on_screen "this line is not saved"
closed
echo "1..$count"
