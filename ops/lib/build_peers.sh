# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced after setup.sh: the servers in loadtest/peers that Stockade is measured against, built
# into .build/peers. Each is built anew when its source, the protocol or its compiler changes.

# What they and the other peers are made of, beside Stockade's own packages.
peer_packages=(
    g++ pkg-config libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
    golang-go golang-google-grpc-dev redis-server redis-tools postgresql
)

peers=.build/peers

# is_current NAME FILE…: true when .build/peers/NAME was made of these files as they are.
is_current() {
    [[ -x $peers/$1 && -f $peers/$1.made-of && $(<"$peers/$1.made-of") == "$(made_of "${@:2}")" ]]
}

# made_of FILE…: a word for their contents, for how they are built and for the packages.
made_of() {
    { cat "$@" "${BASH_SOURCE[0]}" && dpkg-query -W "${peer_packages[@]}" 2>/dev/null; } | sha256sum
}

build_ceiling() {
    mkdir -p "$peers"
    cc -O2 -Wall -o "$peers/ceiling" loadtest/peers/ceiling/ceiling.c -lnghttp2
}

# protocol_files: what the service Reserve belongs to is written in, as paths below Protocols.
protocol_files() {
    mkdir -p "$peers"
    protoc -I Protocols --descriptor_set_out=/dev/null --dependency_out="$peers/protocol.d" \
        stockade/v1/reservation_service.proto
    # A rule for make: the target, then a file a line.
    sed -e 's/^.*://' -e 's/\\$//' "$peers/protocol.d" | tr -s ' ' '\n' |
        sed -n 's|^.*Protocols/||p'
}

build_grpc_cpp() {
    local source=loadtest/peers/grpc-cpp/server.cpp made=$peers/cpp files flags file
    mapfile -t files < <(protocol_files)
    ! is_current grpc-cpp "$source" "${files[@]/#/Protocols/}" || return 0
    rm -rf "$made"
    mkdir -p "$made"
    protoc -I Protocols --cpp_out="$made" --grpc_out="$made" \
        --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" "${files[@]}"
    read -ra flags <<<"$(pkg-config --cflags --libs grpc++ protobuf)"
    local objects=()
    for file in "$source" "$made"/stockade/v1/*.pb.cc; do
        objects+=("$made/$(basename "$file").o")
        g++ -std=c++17 -O2 -I "$made" -c -o "${objects[-1]}" "$file"
    done
    g++ -o "$peers/grpc-cpp" "${objects[@]}" "${flags[@]}"
    made_of "$source" "${files[@]/#/Protocols/}" >"$peers/grpc-cpp.made-of"
}

build_grpc_go() {
    local source=loadtest/peers/grpc-go/main.go made=$root/$peers/go files file
    mapfile -t files < <(protocol_files)
    ! is_current grpc-go "$source" "${files[@]/#/Protocols/}" || return 0
    rm -rf "$made"
    mkdir -p "$made/src" "$made/protocols/stockade/v1"
    # This plugin is older than optional fields, which are plain ones on the wire.
    for file in "${files[@]}"; do
        sed 's/^\( *\)optional /\1/' "Protocols/$file" >"$made/protocols/$file"
    done
    # As Debian has it: no modules, everything under one path.
    local -x GO111MODULE=off GOPATH=$made:/usr/share/gocode GOCACHE=$made/cache GOFLAGS=
    go build -o "$made/protoc-gen-go" github.com/golang/protobuf/protoc-gen-go
    protoc -I "$made/protocols" --plugin="$made/protoc-gen-go" \
        --go_out="plugins=grpc,import_path=stockade/v1:$made/src" "${files[@]}"
    go build -o "$peers/grpc-go" "$source"
    made_of "$source" "${files[@]/#/Protocols/}" >"$peers/grpc-go.made-of"
}
