#!/usr/bin/env bash
# Builds, checks, packages and installs the extension for VS Code, and runs the tests in a real VS Code (code-server), each with
# a home and cores of its own. TAP on stdout; screens of failures in target/vscode-screens.
#   GLOSSATOR_BIN=target/debug/glossator tests/editors/vscode.sh
#   TESTS='turn.mjs chat.mjs' PART='part of a name' runs less, PATIENCE=5000 gives up after 5 s; GLOSSATOR_ACCEPT=1 writes
#   docs/screens/vscode-*.png anew.
set -euo pipefail
# Keys of whoever runs the tests are none of theirs.
export DBUS_SESSION_BUS_ADDRESS=''
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
extension=$root/editors/vscode
: "${GLOSSATOR_BIN:?names the glossator binary to test}"
GLOSSATOR_BIN=$(readlink -f "$GLOSSATOR_BIN")
VSCODE=$("$here/fetch-vscode.sh")
export PATH=$VSCODE/node/bin:$PATH
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
tests=${TESTS:-page first.mjs turn.mjs review.mjs core.mjs folders.mjs chat.mjs bundle.mjs}

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
SHOTS=${CARGO_TARGET_DIR:-$root/target}/vscode-screens
rm -rf "$SHOTS"
mkdir -p "$SHOTS"
status=0 step=0

# step NAME COMMAND...: one check; its output is shown when it fails.
step() {
  local name=$1
  shift
  step=$((step + 1))
  if (cd "$extension" && "$@") >"$home/output" 2>&1 </dev/null; then
    echo "ok $step - $name"
  else
    echo "not ok $step - $name"
    tail -n 60 "$home/output" | sed 's/^/# /'
    status=1
    return 1
  fi
}

# The packages of the lock file, installed once for each state of it.
packages() {
  local stamp=node_modules/.of-lock-file hash
  hash=$(sha256sum <package-lock.json)
  [[ $(cat "$stamp" 2>/dev/null) == "$hash" ]] && return
  node "$VSCODE/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund --loglevel=error
  echo "$hash" >"$stamp"
}

# install PACKAGE FOLDER: installs it there, beside the bridge.
install() {
  (cd "$VSCODE/cs" && XDG_CONFIG_HOME=$home/config HOME=$home \
    node out/node/entry.js --user-data-dir "$home/user" --extensions-dir "$2" --install-extension "$1")
  cp -r "$here/vscode/bridge" "$2/glossator.glossator-bridge-0.0.1"
  rm -f "$2/extensions.json" # VS Code lists what lies there
}

# A package with a program in it, which says that it was started and is the one to test.
bundle() {
  printf '#!/bin/sh\n: >>"$GLOSSATOR_STATE_DIR/started-from-the-package"\nexec "%s" "$@"\n' "$GLOSSATOR_BIN" >"$home/program"
  chmod +x "$home/program"
  GLOSSATOR_BIN=$home/program node scripts/package.mjs --out "$home/bundled.vsix"
  install "$home/bundled.vsix" "$home/bundled"
}

exec 9>"$VSCODE.use"
flock -w 900 9 || { echo "Bail out! another run has used $VSCODE for fifteen minutes"; exit 1; }
echo "# building, checking, packaging"
step 'the packages of the lock file are installed' packages || exit 1
step 'the types hold' npm run --silent check || true
step 'the unit tests pass' npm test --silent || true
# With GLOSSATOR_BIN the program would be packaged, too.
step 'the extension is packaged' env -u GLOSSATOR_BIN node scripts/package.mjs --out "$home/glossator.vsix" || exit 1
step 'the package is installed in VS Code' install "$home/glossator.vsix" "$home/extensions" || exit 1

for test in $tests; do
  echo "# $test"
  if [[ $test == page ]]; then
    SHOTS=$SHOTS timeout 300 node "$extension/src/webview/harness/check.mjs" || status=1
    continue
  fi
  extensions=$home/extensions
  if [[ $test == bundle.mjs ]]; then
    step 'a package with the program is made and installed' bundle || continue
    extensions=$home/bundled
  fi
  env -i PATH="$PATH" LANG=C.UTF-8 HOME="$home" TMPDIR="${TMPDIR:-/tmp}" KEEP="${KEEP-}" PART="${PART-}" PATIENCE="${PATIENCE-}" \
    VSCODE="$VSCODE" EXTENSIONS="$extensions" GLOSSATOR_BIN="$GLOSSATOR_BIN" SHOTS="$SHOTS" \
    timeout 900 node "$here/vscode/$test" || status=1
done
[[ -z ${GLOSSATOR_ACCEPT-} || $status != 0 ]] || cp "$SHOTS"/vscode-*.png "$root/docs/screens/"
exit $status
