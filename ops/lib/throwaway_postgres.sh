# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced after setup.sh: a Postgres for one run, in a directory that goes when the script does. It
# listens on a socket in that directory alone, which nobody but its owner can reach, and never syncs
# less than a real one does. Postgres refuses to run as root; then it runs as the package's user.

postgres_place=
postgres_conninfo=
postgres_command=
postgres_owner=()

# make_postgres: installs the package where it can be had, makes a cluster, and says in
# postgres_conninfo and postgres_command how it is reached and started; false when there is none.
make_postgres() {
    local bin
    offer_packages "${postgres_packages[@]}" || return 1
    bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    [[ -x $bin/initdb && -x $bin/postgres ]] || return 1
    if ((EUID == 0)); then
        id postgres >/dev/null 2>&1 || return 1
        postgres_owner=(setpriv --reuid=postgres --regid=postgres --init-groups)
    fi
    # Not in the checkout: that user may not reach it. A socket's path must be short.
    postgres_place=$(mktemp -d /tmp/stockade-demo-XXXXXX) || return 1
    trap remove_postgres EXIT
    ((EUID != 0)) || chown postgres: "$postgres_place"
    if ! (cd / && "${postgres_owner[@]}" "$bin/initdb" --pgdata="$postgres_place/data" \
        --username=postgres --auth-local=trust --auth-host=reject --encoding=UTF8 --locale=C.UTF-8 \
        --no-instructions) >"$postgres_place.log" 2>&1; then
        cat "$postgres_place.log" >&2
        remove_postgres
        return 1
    fi
    postgres_conninfo="host=$postgres_place dbname=postgres user=postgres"
    postgres_command="${postgres_owner[*]} $bin/postgres -D $postgres_place/data -k $postgres_place \
-c listen_addresses= -c logging_collector=off"
}

# start_postgres: starts it and waits until it takes connections.
start_postgres() {
    # shellcheck disable=SC2086 # words of our own, without blanks in them
    (cd / && exec $postgres_command) >>"$postgres_place.log" 2>&1 &
    for _ in {1..300}; do
        if ask_postgres 'SELECT 1' >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    cat "$postgres_place.log" >&2
    die "Postgres doesn't start"
}

# ask_postgres QUERY
ask_postgres() {
    (cd / && "${postgres_owner[@]}" psql -X -q -v ON_ERROR_STOP=1 "$postgres_conninfo" -c "$1")
}

# stop_postgres: ends it by its process id, whoever started it; nothing when it doesn't run.
stop_postgres() {
    local pid
    pid=$(head -n 1 "$postgres_place/data/postmaster.pid" 2>/dev/null) || return 0
    # A number left by a crash may be somebody else's by now.
    [[ $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$postgres_place/data" ]] || return 0
    kill -CONT "$pid" && kill -INT "$pid" || return 0
    for _ in {1..100}; do
        [[ -e /proc/$pid/exe ]] || return 0
        sleep 0.1
    done
    kill -QUIT "$pid" || true
    sleep 1
}

# remove_postgres: ends it and takes its directory away.
remove_postgres() {
    [[ -n $postgres_place ]] || return 0
    stop_postgres
    rm -rf "$postgres_place" "$postgres_place.log"
    postgres_place=
}
