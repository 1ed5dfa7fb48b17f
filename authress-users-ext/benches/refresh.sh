#!/usr/bin/env bash
# Measures the figures of BENCHMARKS.md and updates the file. Requires a quiet machine, valgrind, and
# OpenSSL's headers for the official crate; skips what is missing, with a message.
# `refresh.sh bench` or `refresh.sh builds` prints one half instead.
set -euo pipefail
cd "$(dirname "$0")"
benches=$PWD
root=$(cd ../.. && pwd)
parts=${*:-bench builds}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

bench() {
    local official="$root/target/official"
    if (cd official && cargo build --quiet --release --target-dir "$official" >&2); then
        export OFFICIAL_CLIENT="$official/release/official-client"
    else
        echo "Skipping the official crate, which could not be built (it needs OpenSSL's headers)." >&2
    fi
    cargo bench --quiet --manifest-path "$root/Cargo.toml" --package authress-users-ext --bench calls |
        tee /dev/stderr |
        sed -n '/<!-- measured -->/,/<!-- end -->/p' | sed '1d;$d'
}

# Creates an app in a separate directory. Arguments: its name and its dependencies.
app() {
    mkdir -p "$work/$1/src"
    cp "apps/$1.rs" "$work/$1/src/main.rs"
    cp "$root/Cargo.lock" "$work/$1/"
    cat >"$work/$1/Cargo.toml" <<MANIFEST
[package]
name = "$1"
version = "0.0.0"
edition = "2024"
[dependencies]
tokio = { version = "1", default-features = false, features = ["macros", "rt"] }
$2
[profile.release]
strip = true
[workspace]
MANIFEST
}

# Builds an app from scratch; prints the elapsed seconds and the processor seconds.
clean_build() {
    local name=$1 profile=$2 spent
    rm -rf "$work/$name/target"
    TIMEFORMAT='%R %U %S'
    spent=$( { time cargo build --quiet --offline --profile "$profile" \
        --manifest-path "$work/$name/Cargo.toml" --target-dir "$work/$name/target" >&2 2>/dev/null; } 2>&1 | tail -1)
    awk '{ printf "%.0f %.0f\n", $1, $2 + $3 }' <<<"$spent"
}

crates() {
    cargo tree --quiet --manifest-path "$work/$1/Cargo.toml" --edges normal,build --prefix none |
        sed 's/ (.*//' | sort -u | tail -n +1 | grep -vc "^$1 v0.0.0"
}

verdict() {
    awk -v figure="$1" -v limit="$2" 'BEGIN { print (figure <= limit) ? "met" : "EXCEEDED" }'
}

builds() {
    app bare 'reqwest = { version = "0.13", default-features = false, features = ["http2", "json", "query", "rustls", "system-proxy"] }
serde = { version = "1", features = ["derive"] }'
    app client "authress-users-ext = { path = \"$root/authress-users-ext\" }"
    local name profile
    for name in bare client; do
        cargo fetch --quiet --manifest-path "$work/$name/Cargo.toml"
    done
    echo "| measurement | client | baseline | ratio | limit |"
    echo "|---|---:|---:|---:|---|"
    for profile in dev release; do
        local client bare
        read -r -a bare <<<"$(clean_build bare "$profile")"
        read -r -a client <<<"$(clean_build client "$profile")"
        local ratio
        ratio=$(awk -v a="${client[1]}" -v b="${bare[1]}" 'BEGIN { printf "%.2f", a / b }')
        echo "| clean build ($profile), processor seconds | ${client[1]} s | ${bare[1]} s | $ratio | 1.35: $(verdict "$ratio" 1.35) |"
        ratio=$(awk -v a="${client[0]}" -v b="${bare[0]}" 'BEGIN { printf "%.2f", a / b }')
        echo "| clean build ($profile), elapsed | ${client[0]} s | ${bare[0]} s | $ratio | |"
    done
    local more
    more=$(($(crates client) - $(crates bare)))
    echo "| crates built | $(crates client) | $(crates bare) | + $more | + 40: $(verdict "$more" 40) |"
    local ours theirs
    ours=$(($(stat -c %s "$work/client/target/release/client") / 1024))
    theirs=$(($(stat -c %s "$work/bare/target/release/bare") / 1024))
    more=$((ours - theirs))
    echo "| stripped size | $ours KiB | $theirs KiB | + $more KiB | + 600 KiB: $(verdict "$more" 600) |"
}

machine() {
    local reqwest
    reqwest=$(cargo tree --quiet --manifest-path "$root/Cargo.toml" --package authress-users-ext --edges normal --prefix none |
        sed -n 's/^reqwest v\([0-9.]*\).*/\1/p' | head -1)
    echo "Measured with $(rustc --version | cut -d' ' -f1-2), reqwest $reqwest, $(valgrind --version 2>/dev/null || echo no valgrind), on $(nproc) processors, $(uname -s) on $(uname -m)."
}

# Replaces the text between two marks of BENCHMARKS.md.
put() {
    {
        sed "/<!-- $1 -->/q" "$root/BENCHMARKS.md"
        cat "$work/$1"
        sed -n "/<!-- end of $1 -->/,\$p" "$root/BENCHMARKS.md"
    } >"$work/file"
    cp "$work/file" "$root/BENCHMARKS.md"
}

for part in $parts; do
    "$part" >"$work/$part"
done
if [ $# -gt 0 ]; then
    for part in $parts; do cat "$work/$part"; done
    exit
fi
machine >"$work/machine"
for part in machine bench builds; do put "$part"; done
