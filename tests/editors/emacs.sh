#!/usr/bin/env bash
# Runs the Emacs test: eglot with a multiplexer in front of two servers, and with ours alone. TAP on stdout.
#   GLOSSATOR_BIN=target/debug/glossator tests/editors/emacs.sh
set -euo pipefail
# Keys of whoever runs the tests are none of theirs.
export DBUS_SESSION_BUS_ADDRESS=''
here=$(cd "$(dirname "$0")" && pwd)
emacs=$("$here/fetch.sh" --emacs "$@")
glossator=$(readlink -f "${GLOSSATOR_BIN:?names the glossator binary to test}")
. "$here/cores.sh"

# The multiplexer: one wheel without dependencies, kept beside the editors.
multiplexer=rassumfrassum==0.3.5
rass=$(dirname "$emacs")/${multiplexer/==/-}
if [[ ! -e $rass/rassumfrassum ]]; then
  command -v pip3 >/dev/null || "$here/needs.sh" python3-pip
  wheel=$(mktemp -d)
  pip3 download --quiet --disable-pip-version-check --no-deps --dest "$wheel" "$multiplexer" >&2
  mkdir -p "$wheel/unpacked"
  python3 -m zipfile -e "$wheel"/*.whl "$wheel/unpacked"
  mv -T "$wheel/unpacked" "$rass" || true # another run was faster
  rm -rf "$wheel"
fi

dir=$(mktemp -d)
model=
stop() {
  [[ -z $model ]] || kill "$model" 2>/dev/null || true
  end_cores "$dir/run"
  if [[ -n ${KEEP-} ]]; then echo "# files kept in $dir"; else rm -rf "$dir"; fi
}
trap stop EXIT
mkdir -p "$dir"/{config,state,bin,work/.git}
"$glossator" debug scripted-model "$here/emacs.json" >"$dir/url" &
model=$!
for _ in $(seq 400); do if grep -q '^http://' "$dir/url"; then break; fi; sleep 0.05; done
cat >"$dir/config/settings.toml" <<TOML
model = "scripted/any-model"
[providers.scripted]
wire = "messages"
base_url = "$(grep -o -m 1 'http://[^ ]*' "$dir/url")"
key_env = "SCRIPTED_KEY"
[core]
linger_s = 15
TOML
printf '#!/bin/sh\nPYTHONPATH=%s exec %s -m rassumfrassum "$@"\n' "$rass" "$(command -v python3)" >"$dir/bin/rass"
chmod +x "$dir/bin/rass"
ln -s "$glossator" "$dir/bin/glossator"
printf 'first line\na saved line\nlast line\n' >"$dir/work/poem.txt"

# The folder was moved from where this Emacs was built for: it is told where its parts are.
share=$(echo "$emacs"/usr/share/emacs/[0-9]*)
libexec=$(echo "$emacs"/usr/libexec/emacs/*/*-linux-gnu)
in_emacs=(env -i PATH="$dir/bin:$PATH" LANG=C.UTF-8 HOME="$dir" EMACSDATA="$share/etc" EMACSDOC="$share/etc"
  EMACSPATH="$libexec" EMACSLOADPATH="$(find "$share/lisp" -type d -printf '%p:' | sed 's/:$//')")
run_emacs=("$emacs/usr/bin/emacs-nox" "--dump-file=$(echo "$libexec"/*.pdmp)" --batch -Q)
"${in_emacs[@]}" \
  GLOSSATOR_CONFIG_DIR="$dir/config" GLOSSATOR_STATE_DIR="$dir/state" GLOSSATOR_RUNTIME_DIR="$dir/run" SCRIPTED_KEY=x \
  DIAGNOSE="$here/diagnose.py" WORK="$dir/work" \
  timeout 200 "${run_emacs[@]}" \
  -L "$here/../../editors/emacs" -l "$here/emacs.el" 2>"$dir/messages" || {
  status=$?
  tail -n 30 "$dir/messages" | cut -c1-400 | sed 's/^/# /'
  exit "$status"
}

# What `glossator setup emacs` writes: Emacs reads it, and Eglot finds the server by it.
mkdir -p "$dir/.emacs.d"
echo '(setq mine 1)' >"$dir/.emacs.d/init.el"
"${in_emacs[@]}" "$glossator" setup emacs --yes >"$dir/setup"
found=$("${in_emacs[@]}" timeout 60 "${run_emacs[@]}" -l "$dir/.emacs.d/init.el" --eval \
  "(progn (require 'eglot) (message \"%S %S %S\" mine (fboundp 'glossator-mode)
     (cdr (eglot--lookup-mode 'text-mode))))" 2>&1 | tail -n 1 || true)
if [[ $found == '1 t ("glossator" "lsp")'* ]]; then echo "ok - Emacs finds the server by what setup wrote"; else
  echo "not ok - Emacs finds the server by what setup wrote: $found"
  exit 1
fi
"${in_emacs[@]}" "$glossator" setup emacs --remove --yes >"$dir/setup"
[[ $(cat "$dir/.emacs.d/init.el") == '(setq mine 1)' && ! -e $dir/.emacs.d/glossator ]] || { echo "not ok - setup --remove leaves the init file"; exit 1; }
echo "ok - and --remove takes it out"
