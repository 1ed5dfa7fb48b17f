#!/usr/bin/env bash
# Checks spec, fake and client with third-party tools, and prints one table. Not part of `cargo test`,
# because it needs Python and Node, and installs the tools into target/. The output of each tool is in
# target/second_opinion/log. Exits with 1 if a tool fails; a tool that could not be installed is named.
set -uo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
tools=$root/target/second_opinion
log=$tools/log
proxy_port=8895
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
  (cd "$tools" && "$@") >"$log/$name" 2>&1 || { result=FAILED; failed=1; }
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
fake=$!
trap 'kill -TERM $fake ${prism:-} 2>/dev/null || true' EXIT
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

# Generators.
if npm_install openapi-typescript latest; then
  check openapi-typescript "types" "$bin/openapi-typescript" "$spec" --output types.ts
else skip openapi-typescript "types"; fi
if npm_install @hey-api/openapi-ts latest && npm_install typescript latest; then
  check hey-api "client" "$bin/openapi-ts" --input "$spec" --output hey-api
else skip hey-api "client"; fi
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
  # Values that a schema cannot express: cursors come from the server, and the tenant must exist.
  cursor=$(curl --silent --fail -H "authorization: Bearer $token" -H 'accept: application/links+json' \
    "$AUTHRESS_API_URL/v1/users" | sed 's/.*"cursor":"\([^"]*\)".*/\1/')
  printf '[parameters]\n"query.cursor" = "%s"\n"path.tenantId" = "acme"\n' "$cursor" >"$tools/schemathesis.toml"
  schemathesis() {
    "$py/schemathesis" run "$spec" --url "$AUTHRESS_API_URL" --header "Authorization: Bearer $token" \
      --seed 1 --warnings off "$@"
  }
  check schemathesis-valid "valid requests, all checks" schemathesis --mode positive \
    --phases examples,coverage,fuzzing --max-examples 200
  # The spec documents no response to invalid requests.
  check schemathesis-invalid "invalid requests are rejected" schemathesis --mode negative \
    --phases coverage,fuzzing --checks negative_data_rejection,ignored_auth,content_type_conformance
else skip schemathesis "requests from the spec"; fi

# A validating proxy between our client and the fake.
if npm_install @stoplight/prism-cli latest; then
  "$bin/prism" proxy "$spec" "$AUTHRESS_API_URL" --port $proxy_port --errors >"$log/prism-proxy" 2>&1 &
  prism=$!
  through_prism() {
    wait_for grep "Prism is listening" "$log/prism-proxy" &&
    AUTHRESS_API_URL="http://127.0.0.1:$proxy_port" AUTHRESS_ACCESS_KEY='' AUTHRESS_ACCESS_TOKEN="$token" \
      "$root/target/debug/examples/quickstart" --write &&
    ! { grep -iE 'violation|error' "$log/prism-proxy" | grep -v 'NotFound'; }
  }
  check prism "no violation by our client or the fake" through_prism
else skip prism "no violation by our client or the fake"; fi

printf '\n%-28s %-44s %s\n' tool check result
printf '%s\n' "${results[@]}"
exit $failed
