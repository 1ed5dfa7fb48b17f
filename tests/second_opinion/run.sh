#!/usr/bin/env bash
# Checks spec, fake and client with third-party tools, and prints one table. Not part of `cargo test`,
# because it needs Python, Node and Java, and installs the tools into target/second_opinion, or into the
# directory in SECOND_OPINION_DIR. The output of each tool is in its folder log. Exits with 1 if a tool
# fails; a tool that could not be installed is named. Every tool has 5 minutes.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
root=$PWD
tools=${SECOND_OPINION_DIR:-$root/target/second_opinion}
log=$tools/log
proxy_port=8895
mock_port=8896
steady_port=8897
limit="timeout --kill-after 5 300"
mkdir -p "$tools" "$log"
rm -f "$log"/*
spec=$root/openapi/users.yaml
results=()
failed=0

# check NAME PURPOSE COMMAND...: runs a check in a subshell and adds a row to the table. The commands of
# a function need `&&`, because `set -e` has no effect here.
check() {
  local name=$1 purpose=$2 result=passed
  shift 2
  local bounded=$limit
  [ "$(type -t "$1")" != function ] || bounded=
  (cd "$tools" && $bounded "$@") >"$log/$name" 2>&1 || { result=FAILED; failed=1; }
  results+=("$(printf '%-28s %-44s %s' "$name" "$purpose" "$result")")
}
skip() { results+=("$(printf '%-28s %-44s %s' "$1" "$2" 'not installed')"); }

[ -x "$tools/python/bin/python" ] || python3 -m venv "$tools/python"
pip() {
  "$tools/python/bin/pip" show --quiet "${1%%[=[]*}" 2>/dev/null ||
    "$tools/python/bin/pip" install --quiet "$1" >>"$log/install" 2>&1
}
npm_install() {
  [ -d "$tools/node_modules/$1" ] ||
    npm install --silent --no-audit --no-fund --prefix "$tools" "$1@$2" >>"$log/install" 2>&1
}
bin=$tools/node_modules/.bin
py=$tools/python/bin

cargo build --quiet --package authress-users-contract --features cli || exit 2
cargo build --quiet --package authress-users-ext --example quickstart || exit 2
rm -f "$tools/fake.env"
target/debug/authress-users-contract mock --port 0 --users 250 --ready-file "$tools/fake.env" \
  >"$tools/mock" 2>"$log/fake" &
trap 'kill -TERM $(jobs -p) 2>/dev/null || true' EXIT
wait_for() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; "$@"; }
wait_for test -f "$tools/fake.env"
set -a
. "$tools/fake.env"
set +a
token=$(sed -n 's/^# export AUTHRESS_ACCESS_TOKEN=//p' "$tools/mock")

# Linters and validators of the spec.
if npm_install @redocly/cli latest; then
  check redocly "recommended rules" "$bin/redocly" lint "$spec" --extends recommended
else skip redocly "recommended rules"; fi
if npm_install @stoplight/spectral-cli latest; then
  echo 'extends: ["spectral:oas"]' >"$tools/spectral.yaml"
  check spectral "rules of OpenAPI" "$bin/spectral" lint "$spec" --ruleset spectral.yaml --fail-severity error
else skip spectral "rules of OpenAPI"; fi

if pip openapi-spec-validator; then
  check openapi-spec-validator "OpenAPI 3.0.3" "$py/openapi-spec-validator" "$spec"
else skip openapi-spec-validator "OpenAPI 3.0.3"; fi
if pip openapi-schema-validator && pip PyYAML; then
  check openapi-schema-validator "the pages of the examples" "$py/python" "$root/tests/second_opinion/pages.py" "$spec"
else skip openapi-schema-validator "the pages of the examples"; fi

# Generators.
type_check() { $limit "$bin/tsc" --noEmit --strict --skipLibCheck --target es2022 --module esnext \
  --moduleResolution bundler --lib es2022,dom "$@"; }
# The generators use the compiler's API, which version 7 does not have.
if npm_install typescript 5 && npm_install openapi-typescript latest && npm_install openapi-fetch latest; then
  typed_fetch() {
    $limit "$bin/openapi-typescript" "$spec" --output types.ts &&
      cp "$root/tests/second_opinion/fetch.ts" . && type_check fetch.ts
  }
  check openapi-typescript "types with openapi-fetch" typed_fetch
else skip openapi-typescript "types with openapi-fetch"; fi
if npm_install typescript 5 && npm_install @hey-api/openapi-ts latest; then
  hey_api() { $limit "$bin/openapi-ts" --input "$spec" --output hey-api && type_check hey-api/index.ts; }
  check hey-api "client that type-checks" hey_api
else skip hey-api "client that type-checks"; fi
if command -v java >/dev/null && pip openapi-generator-cli && npm_install typescript 5; then
  openapi_generator() {
    rm -rf "generated/$1" &&
      $limit "$py/openapi-generator-cli" generate -i "$spec" -g "$1" -o "generated/$1"
  }
  typescript_fetch() { openapi_generator typescript-fetch && type_check generated/typescript-fetch/index.ts; }
  check openapi-generator-python "client" openapi_generator python
  check openapi-generator-rust "client" openapi_generator rust
  check openapi-generator-typescript "client that type-checks" typescript_fetch
else skip openapi-generator "clients for Python, Rust and TypeScript"; fi
if pip datamodel-code-generator; then
  check datamodel-code-generator "models" "$py/datamodel-codegen" --input "$spec" \
    --input-file-type openapi --output models.py
else skip datamodel-code-generator "models"; fi
if pip openapi-python-client && pip ruff; then
  # It formats its output with ruff.
  check openapi-python-client "client" env PATH="$py:$PATH" "$py/openapi-python-client" generate --path "$spec" \
    --output-path python-client --overwrite
else skip openapi-python-client "client"; fi

# The official clients and the fake.
if pip authress-sdk; then
  check authress-sdk-python "list, read and delete a user" "$py/python" "$root/tests/second_opinion/sdk.py"
else skip authress-sdk-python "list, read and delete a user"; fi
if npm_install @authress/sdk latest; then
  check authress-sdk-js "read a user and verify a token" env TOKEN="$token" node "$root/tests/second_opinion/sdk.cjs"
else skip authress-sdk-js "read a user and verify a token"; fi

# Requests to the fake that a tool makes from the spec.
if pip schemathesis; then
  check schemathesis "default configuration" "$py/schemathesis" run "$spec" --url "$AUTHRESS_API_URL" \
    --header "Authorization: Bearer $token"
else skip schemathesis "requests from the spec"; fi

# A validating proxy between our client and the fake.
if npm_install @stoplight/prism-cli latest; then
  "$bin/prism" proxy "$spec" "$AUTHRESS_API_URL" --port $proxy_port --errors >"$log/prism-proxy-server" 2>&1 &
  through_prism() {
    wait_for grep "Prism is listening" "$log/prism-proxy-server" &&
      AUTHRESS_API_URL="http://127.0.0.1:$proxy_port" AUTHRESS_ACCESS_KEY='' AUTHRESS_ACCESS_TOKEN="$token" \
        $limit "$root/target/debug/examples/quickstart" --write &&
      ! grep -iE 'violation|error' "$log/prism-proxy-server"
  }
  check prism-proxy "no violation by our client or the fake" through_prism
else skip prism-proxy "no violation by our client or the fake"; fi

# Servers that return the examples: the first page is the last.
ends() {
  wait_for curl --silent --fail -H "authorization: Bearer $token" -H 'accept: application/links+json' \
    --output page.json "http://127.0.0.1:$1/v1/users" && tr -d ' \n' <page.json | grep '"pagination":{"next":null}'
}
if npm_install @stoplight/prism-cli latest; then
  "$bin/prism" mock "$spec" --port $mock_port >"$log/prism-server" 2>&1 &
  check prism-mock "a list ends" ends $mock_port
else skip prism-mock "a list ends"; fi
if npm_install @stdy/cli latest; then
  "$bin/steady" --host 127.0.0.1 --port $steady_port "$spec" >"$log/steady-server" 2>&1 &
  check steady "a list ends" ends $steady_port
else skip steady "a list ends"; fi

printf '\n%-28s %-44s %s\n' tool check result
printf '%s\n' "${results[@]}"
exit $failed
