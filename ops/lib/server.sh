# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced after setup.sh: a server for the length of a script. It is ended by its process id however
# the script ends.

server_pid=
server_address=
server_folder=

# start_server FLAG…: starts `stockade serve` in memory mode on a port that the kernel chooses and
# waits until it serves; sets server_address to HOST:PORT.
start_server() {
    local word
    server_folder=$(mktemp -d)
    trap stop_server EXIT
    : >"$server_folder/out"
    .build/release/stockade serve --mode memory --listen 127.0.0.1:0 "$@" \
        >"$server_folder/out" 2>"$server_folder/log" </dev/null &
    server_pid=$!
    for _ in {1..600}; do
        if read -r word server_address <"$server_folder/out" && [[ $word == ready ]]; then
            return 0
        fi
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.05
    done
    cat "$server_folder/log" >&2
    die "the server did not come up"
}

# stop_server: asks the server to drain and waits; after 20 seconds it is killed. Fails when it
# didn't end by itself with 0.
stop_server() {
    local pid=$server_pid status=0
    server_pid=
    if [[ -n $pid ]]; then
        kill -TERM "$pid" 2>/dev/null || true
        for _ in {1..200}; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || status=$?
        ((status == 0)) || printf 'the server ended with %d\n' "$status" >&2
    fi
    rm -rf "$server_folder"
    return "$status"
}
