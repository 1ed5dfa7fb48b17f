#!/usr/bin/env bash
# Checks spec, fake and client with third-party tools: schemathesis tests the fake, and Prism
# validates the exchanges between the client and the fake. Not part of `cargo test`, because it needs
# Python and Node, and installs both tools into target/.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=target/second_opinion
port=8896
proxy_port=8895
mkdir -p "$tools"

[ -x "$tools/python/bin/schemathesis" ] || {
  python3 -m venv "$tools/python"
  "$tools/python/bin/pip" install --quiet schemathesis==4.32.5
}
[ -x "$tools/node_modules/.bin/prism" ] ||
  npm install --silent --no-audit --no-fund --prefix "$tools" @stoplight/prism-cli@5.14.2

cargo build --quiet --package xtask --package authress-users-ext --example quickstart
# Some requests below are invalid on purpose, so the log of the fake goes to a file.
cargo xtask mock --port $port --users 250 >"$tools/mock" 2>"$tools/log" &
mock=$!
trap 'kill -INT $mock $prism 2>/dev/null || true' EXIT
prism=
wait_for() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; "$@"; }
wait_for grep AUTHRESS_ACCESS_TOKEN "$tools/mock"
eval "$(grep ^export "$tools/mock")"
token=$(sed -n 's/^# export AUTHRESS_ACCESS_TOKEN=//p' "$tools/mock")
get() { curl --silent --fail -H "authorization: Bearer $token" -H 'accept: application/links+json' "$@"; }
cursor=$(get "$AUTHRESS_API_URL/v1/users" | sed 's/.*"cursor":"\([^"]*\)".*/\1/')
echo "== the fake runs at $AUTHRESS_API_URL"

# Values that a schema cannot express: cursors come from the server, and the tenant must exist.
cat >"$tools/schemathesis.toml" <<END
[parameters]
"query.cursor" = "$cursor"
"path.tenantId" = "acme"
END
schemathesis() {
  # schemathesis writes files to the working directory.
  (cd "$tools" && python/bin/schemathesis run ../../openapi/users.yaml \
    --url "$AUTHRESS_API_URL" --header "Authorization: Bearer $token" --seed 1 \
    --phases examples,coverage,fuzzing --max-examples 200 --warnings off "$@")
}
echo "== schemathesis: valid requests, all checks"
schemathesis --mode positive
# The spec documents no response to invalid requests.
echo "== schemathesis: invalid requests are rejected"
schemathesis --mode negative --checks negative_data_rejection,ignored_auth,content_type_conformance

echo "== Prism between the quickstart and the fake"
"$tools/node_modules/.bin/prism" proxy openapi/users.yaml "$AUTHRESS_API_URL" --port $proxy_port \
  --errors >"$tools/prism" 2>&1 &
prism=$!
wait_for grep "Prism is listening" "$tools/prism"
AUTHRESS_API_URL="http://127.0.0.1:$proxy_port" AUTHRESS_ACCESS_KEY= AUTHRESS_ACCESS_TOKEN="$token" \
  target/debug/examples/quickstart --write
if grep -iE 'violation|error' "$tools/prism" | grep -v 'NotFound'; then
  echo "Prism reports violations; see $tools/prism"
  exit 1
fi
echo "== no violations"
