#!/usr/bin/env bash
# Checks the page of the fake and an HTML report in headless Chromium, at two widths. Not part of `cargo test`, because it
# needs Python, and installs Playwright and Chromium into target/. Screenshots are in target/page.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=target/page
mkdir -p "$tools"
[ -x "$tools/python/bin/playwright" ] || {
  python3 -m venv "$tools/python"
  "$tools/python/bin/pip" install --quiet playwright==1.57.0
}
export PLAYWRIGHT_BROWSERS_PATH=${PLAYWRIGHT_BROWSERS_PATH:-$PWD/$tools/browsers}
# A Chromium of the system is used if CHROMIUM names it.
[ -n "${CHROMIUM:-}" ] || "$tools/python/bin/playwright" install chromium >/dev/null

cargo build --quiet --package authress-users-contract --features cli
binary=target/debug/authress-users-contract
rm -f "$tools/fake.env"
# A recording with findings.
sed 's/limit=20/limit=0/; s/"content-type": *"application\/links+json"/"content-type": "text\/html"/' \
  tests/tests/har/fixtures/firefox.har |
  "$binary" har - --format html >"$tools/report.html" || true
"$binary" mock --port 0 --control --ready-file "$tools/fake.env" \
  >"$tools/out" 2>"$tools/log" &
fake=$!
trap 'kill -TERM $fake 2>/dev/null || true' EXIT
for _ in $(seq 100); do [ -f "$tools/fake.env" ] && break; sleep 0.1; done
set -a
. "$tools/fake.env"
set +a
AUTHRESS_ACCESS_TOKEN=$(sed -n 's/^# export AUTHRESS_ACCESS_TOKEN=//p' "$tools/out") \
  "$tools/python/bin/python" tests/page/check.py "$tools"
