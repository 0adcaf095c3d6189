#!/usr/bin/env bash
# needs.sh PACKAGE...: installs the Debian packages that are missing; as another user than root it says which and fails.
set -euo pipefail
say() { echo "needs: $*" >&2; }

command -v dpkg-query >/dev/null || { say "this machine has no dpkg; install by hand what these Debian packages hold: $*"; exit 1; }
missing=()
for package in "$@"; do
  [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0
[[ $(id -u) == 0 ]] || { say "the tests need Debian packages. Run as root: apt-get install ${missing[*]}"; exit 1; }

say "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
install() { apt-get -y -q --no-install-recommends install "${missing[@]}" >&2; }
# The package lists of a fresh image are empty or old: they are fetched when the first try fails.
install || { apt-get -q update >&2 && install; } || { say "apt-get could not install ${missing[*]}; its message stands above"; exit 1; }
