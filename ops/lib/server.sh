# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced after setup.sh: a server for the length of a script. It is ended by its process id however
# the script ends.

server_pid=
server_address=
server_folder=

# start_server FLAG…: starts `stockade serve` with the flags and waits until it serves; sets
# server_address to HOST:PORT. Without --listen the kernel chooses the port. After kill_server, with
# --listen "$server_address" and the same --data, it goes on where the killed one was.
start_server() {
    local word address
    local listen=(--listen 127.0.0.1:0)
    [[ " $* " == *" --listen"[\ =]* ]] && listen=()
    [[ -n $server_folder ]] || server_folder=$(mktemp -d)
    trap 'stop_server || true' EXIT
    : >"$server_folder/out"
    .build/release/stockade serve "${listen[@]}" "$@" \
        >"$server_folder/out" 2>>"$server_folder/log" </dev/null &
    server_pid=$!
    for _ in {1..3000}; do
        if read -r word address <"$server_folder/out" && [[ $word == ready ]]; then
            server_address=$address
            return 0
        fi
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.02
    done
    cat "$server_folder/log" >&2
    die "the server did not come up"
}

# kill_server: ends the server at once, as a crash would; what start_server made for it stays.
kill_server() {
    local pid=$server_pid
    server_pid=
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || true
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
    [[ -z $server_folder ]] || rm -rf "$server_folder"
    server_folder=
    return "$status"
}
