#!/usr/bin/env bash
# Schemathesis against a demonstration of its own, once for each role: no call may answer with 5xx, and every answer
# has a status, a content type and a form that the description of the API names.
#
#   CASES=20 SEED=7 ROLES="admin issuer" tests/schemathesis/run.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=tests/schemathesis
target="${CARGO_TARGET_DIR:-target}"
salur="$(realpath "${SALUR_BIN:-$target/debug/salur}")"
roles="${ROLES:-registrar verifier issuer coordinator storekeeper finance auditor device nobody admin}"

venv="$target/schemathesis"
if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
    echo "schemathesis: Python packages of $here/requirements.txt"
    [[ -x $venv/bin/pip ]] || python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/installed.txt"
fi
st="$(realpath "$venv")/bin/st"

work="$(mktemp -d)"
server=
finish() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
"$salur" demo --dir "$work/demo" --households 60 --json >"$work/demo.json" 2>"$work/demo.log"
"$salur" serve --dir "$work/demo" --listen 127.0.0.1:0 >"$work/listen" 2>"$work/serve.log" &
server=$!
for _ in $(seq 100); do
    grep -q 'listening on' "$work/listen" && break
    sleep 0.2
done
base="$(sed -n 's/^listening on //p' "$work/listen")"
[[ -n $base ]] || { cat "$work/serve.log" >&2; exit 1; }

token_of() {
    python3 - "$work/demo.json" "$1" <<'PY'
import json, sys
demo = json.load(open(sys.argv[1]))
devices = demo["device_tokens"]
print(demo["tokens"].get(sys.argv[2]) or devices[sorted(devices)[0]])
PY
}

export SALUR_BASE="$base" SALUR_DEMO="$work/demo.json" SALUR_SEED="${SEED:-7}"
export SCHEMATHESIS_HOOKS=hooks PYTHONPATH="$PWD/$here"
failed=()
for role in $roles; do
    auth=()
    [[ $role == nobody ]] || auth=(-H "Authorization: Bearer $(token_of "$role")")
    echo "== $role"
    # Signing out ends what the run signs in with; everything else may be called.
    if ! (cd "$work" && "$st" run "$base/api/v1/openapi.json" "${auth[@]}" \
        --phases coverage,fuzzing --max-examples "${CASES:-20}" --seed "$SALUR_SEED" \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        --exclude-operation-id delete_sessions_current \
        --continue-on-failure --no-shrink --generation-database none --suppress-health-check all \
        --warnings off --no-color >"$work/$role.log" 2>&1); then
        failed+=("$role")
        sed -n '/= FAILURES =/,$p' "$work/$role.log" | head -n "${LINES_SHOWN:-200}"
    fi
    tail -n 1 "$work/$role.log"
    kill -0 "$server" 2>/dev/null || { echo "the server is gone"; tail "$work/serve.log"; exit 1; }
done
if ((${#failed[@]})); then
    [[ -z ${KEEP_LOGS:-} ]] || cp "$work"/*.log "$KEEP_LOGS/"
    echo "schemathesis: faults as ${failed[*]}" >&2
    exit 1
fi
