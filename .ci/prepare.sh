# The common part of Samples/run, Tests/run and .ci/run. To be sourced.
# shellcheck shell=bash

# The root of the repository.
# shellcheck disable=SC2034
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$(basename "$(dirname "$0")")/$(basename "$0"): $1"
    exit "${2:-1}"
}

# Installs those of the Debian packages that are missing.
need_packages() {
    local missing=() package as_root=()
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "This is not Debian: make sure that the contents of these packages are installed: $*"
        return
    fi
    for package; do
        [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) == "install ok installed" ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    say "Installing ${missing[*]} …"
    if ((EUID != 0)); then
        command -v sudo >/dev/null || fail "cannot install ${missing[*]}: you are not root, and there is no sudo"
        as_root=(sudo)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    "${as_root[@]}" apt-get update -qq >&2 || fail "apt-get update failed"
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
        fail "cannot install ${missing[*]}"
}

# Checks for a Swift that can build this.
need_swift() {
    local version
    command -v swift >/dev/null ||
        fail "swift is not in PATH; install Swift 6.2 or newer from https://www.swift.org/install/linux/"
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    if ! [[ $version =~ ^([0-9]+)\.([0-9]+)$ ]] || ((BASH_REMATCH[1] * 100 + BASH_REMATCH[2] < 602)); then
        fail "swift in PATH is ${version:-of unknown version}; 6.2 or newer is needed, see https://www.swift.org/install/linux/"
    fi
}
