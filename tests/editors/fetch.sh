#!/usr/bin/env bash
# Fetches the editors the tests drive: Neovim and Helix of another Debian suite, unpacked with their whole closure of
# libraries into a cache folder outside the tree. Nothing of them is installed on the host; root is needed only when
# the host lacks a tool. The last line on stdout is the suite's folder.
#
#   tests/editors/fetch.sh [--suite trixie|forky]     trixie: nvim 0.10.4, hx 25.01.1; forky: newer, may move
#   tests/editors/fetch.sh --emacs [--suite ...]      trixie: Emacs 30.1, in a folder of its own
#   tests/editors/fetch.sh --kakoune [--suite ...]    trixie: Kakoune 2024.05.18, in a folder of its own
set -euo pipefail

suite=trixie packages=(neovim hx) programs=(usr/bin/nvim usr/bin/hx) folder=
if [[ ${1-} == --emacs ]]; then packages=(emacs-nox) programs=(usr/bin/emacs-nox) folder=-emacs; shift; fi
if [[ ${1-} == --kakoune ]]; then packages=(kakoune) programs=(usr/bin/kak) folder=-kakoune; shift; fi
if [[ ${1-} == --suite && -n ${2-} ]]; then suite=$2; shift 2; fi
if (($#)); then echo "usage: $0 [--emacs|--kakoune] [--suite trixie|forky]" >&2; exit 2; fi
folder=$suite$folder

recipe=1 # raise it when this script builds something else: older caches are then built again
tools=(ca-certificates debian-archive-keyring patchelf procps python3 tmux xz-utils)

cache=${GLOSSATOR_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/glossator-tests}
say() { echo "fetch: $*" >&2; }
die() { say "$*"; exit 1; }

# apt_state DIR: an apt of its own: empty dpkg status, so that the whole closure is fetched, libc6 included.
apt_state() {
  local dir=$1 mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | sort -u | head -n 1 || true)
  mirror=${GLOSSATOR_TEST_MIRROR:-$mirror}
  [ -n "$mirror" ] || die "no Debian mirror is known to apt here; name one in GLOSSATOR_TEST_MIRROR"
  mkdir -p "$dir"/{lists/partial,cache/archives/partial,preferences.d}
  : >"$dir/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$dir/sources.list"
  # Check-Valid-Until: forky's Release expires after a week and a mirror may be older; signatures are still checked.
  cat >"$dir/apt.conf" <<CONF
Dir::State "$dir"; Dir::State::status "$dir/status"; Dir::State::lists "$dir/lists"; Dir::Cache "$dir/cache";
Dir::Etc::sourcelist "$dir/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "$dir/preferences.d"; Dir::Etc::preferences "/dev/null";
APT::Install-Recommends "false"; APT::Install-Suggests "false"; APT::Sandbox::User "root"; Debug::NoLocking "true";
Acquire::Languages "none"; Acquire::Retries "3"; Acquire::Check-Valid-Until "false";
CONF
}

# unpack DIR: the packages and everything they need, as plain files below DIR.
unpack() {
  local dir=$1 deb
  apt_state "$dir/.apt"
  export APT_CONFIG=$dir/.apt/apt.conf
  apt-get -qq update >&2
  apt-get -y -qq --download-only install "${packages[@]}" >/dev/null
  apt-get -y -s install "${packages[@]}" | awk '/^Inst/ {print $2, $3}' | tr -d '(' >"$dir/PACKAGES"
  unset APT_CONFIG
  for deb in "$dir"/.apt/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar x -C "$dir" --no-same-owner --no-same-permissions
  done
  rm -rf "$dir/.apt"
}

# Points the programs at the suite's own loader and libraries, by absolute path: after this the folder must stay.
# Not by LD_LIBRARY_PATH: what an editor starts (our server) must run with the host's loader.
relink() {
  local dir=$1 lib=$1/usr/lib/$(uname -m)-linux-gnu program loader
  for program in "${programs[@]}"; do
    program=$(readlink -f "$dir/$program")
    loader=$lib/$(basename "$(patchelf --print-interpreter "$program")")
    patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$lib:$lib/lua/5.1" "$program"
  done
}

"$(dirname "$0")/needs.sh" "${tools[@]}"
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
final=$cache/$folder
exec 9>"$cache/$folder.lock"
flock -w 600 9 || die "another run holds $cache/$folder.lock for ten minutes; end it and try again"

# READY is written last, so a folder that was interrupted, moved or built by another recipe is built again.
if [[ $(cat "$final/READY" 2>/dev/null) != "$recipe $final" ]]; then
  say "unpacking ${packages[*]} of $suite into $final"
  rm -rf "$final" "$cache/.$folder."*
  building=$(mktemp -d "$cache/.$folder.XXXXXX")
  chmod 755 "$building"
  trap 'rm -rf "$building"' EXIT
  unpack "$building"
  mv "$building" "$final"
  relink "$final"
  echo "$recipe $final" >"$final/READY"
fi
grep -E "^($(IFS='|'; echo "${packages[*]}")) " "$final/PACKAGES" | sed "s/^/fetch: $suite: /" >&2
echo "$final"
