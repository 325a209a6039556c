# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scripts in ops/: what each of them needs before it can begin. Everything is made
# inside the checkout, in .build; only Debian packages are installed, and only those that are
# missing.

set -euo pipefail

# Every script works from the top of the checkout, wherever it was called from.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

# What the build links against.
build_packages=(libnghttp2-dev libpq-dev pkg-config)
# What the conformance tests need besides.
# strace makes system calls fail; util-linux has mount and setpriv. Of postgresql only the programs
# are used: the tests make clusters of their own, as the user postgres when they run as root.
test_packages=(curl python3 python3-venv strace util-linux mount postgresql)
# What the demo keeps behind the server, where it can be had.
postgres_packages=(postgresql)
# What shows the load tester's report and its live view as people see them; only the long run insists.
page_packages=(chromium tmux)

# heading TEXT: says what begins now.
heading() {
    printf '\n== %s\n' "$*"
}

# die TEXT: says why there is no going on, and ends.
die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# as_root COMMAND…: runs it with the rights to install packages.
as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "needs root for: $*  (there is no sudo here; run that as root, then try again)"
    fi
}

# missing_packages NAME…: those of the Debian packages that aren't installed, one a line.
missing_packages() {
    local name
    for name in "$@"; do
        if [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) != installed ]]; then
            printf '%s\n' "$name"
        fi
    done
}

# may_install NAME…: asks when a person is there to answer.
may_install() {
    local answer=
    [[ -t 0 ]] || return 0
    read -r -p "Missing Debian packages: $*. Install them now? [Y/n] " answer
    [[ $answer != [nN]* ]]
}

# install_packages NAME…
install_packages() {
    printf 'Installing %s\n' "$*"
    as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# require_packages NAME…: installs the Debian packages among them that are missing. Asks first when
# a person is there to answer.
require_packages() {
    local missing
    if ! command -v dpkg-query >/dev/null; then
        printf 'Not a Debian system: make sure that these are here: %s\n' "$*"
        return 0
    fi
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    may_install "${missing[@]}" || die "install ${missing[*]} and try again"
    install_packages "${missing[@]}"
}

# offer_packages NAME…: the same for what can be done without; false when it isn't there afterwards.
offer_packages() {
    local missing
    command -v dpkg-query >/dev/null || return 1
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    may_install "${missing[@]}" || return 1
    # In a shell of its own: whatever ends it, the caller goes on.
    (install_packages "${missing[@]}") || return 1
    [[ -z $(missing_packages "$@") ]]
}

# require_swift: the one thing that no package brings.
require_swift() {
    command -v swift >/dev/null || die "needs Swift 6.3 or later on the PATH (https://swift.org)"
}

# require_python_environment: .build/venv with the pinned packages; made anew when the pins, the
# Python or the place of the checkout change.
require_python_environment() {
    local pins=Tests/Conformance/requirements.txt stamp=.build/venv/made-for wanted
    require_packages "${test_packages[@]}"
    wanted=$( (echo "$root" && python3 --version && cat "$pins") | sha256sum)
    if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
        return 0
    fi
    printf 'Making the Python environment in .build/venv\n'
    rm -rf .build/venv
    mkdir -p .build
    python3 -m venv .build/venv
    .build/venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r "$pins"
    .build/venv/bin/python -m pip check --disable-pip-version-check >/dev/null
    printf '%s\n' "$wanted" >"$stamp"
}

# require_stubs: Python stubs made from Protocols/ in .build/stubs, as a partner would make them.
require_stubs() {
    local stamp=.build/stubs/made-for wanted fresh=.build/stubs.new
    require_python_environment
    wanted=$(cat .build/venv/made-for Protocols/stockade/v1/*.proto | sha256sum)
    if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
        return 0
    fi
    printf 'Making Python stubs from Protocols/ in .build/stubs\n'
    rm -rf "$fresh"
    mkdir -p "$fresh"
    .build/venv/bin/python -m grpc_tools.protoc -I Protocols --python_out="$fresh" \
        --grpc_python_out="$fresh" Protocols/stockade/v1/*.proto
    printf '%s\n' "$wanted" >"$fresh/made-for"
    rm -rf .build/stubs
    mv "$fresh" .build/stubs
}
