#!/usr/bin/env bash
# Everything `make test` checks, cheapest first, so that a slip is known early. Stops at the first step
# that fails, names it, and exits with 1. `make test ONLY="lint browser"` runs those steps alone.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"
target="${CARGO_TARGET_DIR:-target}"
# Tests that ask another language's library find it here.
export SALUR_PYTHON="$PWD/target/venv/bin/python"
[[ $target == /* ]] && export SALUR_PYTHON="$target/venv/bin/python"
export SALUR_BIN="${SALUR_BIN:-$target/debug/salur}"

step_tools() { bash tests/setup.sh; }
step_format() { cargo fmt -- --check --config-path tests/lint; }
step_web() { make --no-print-directory web && { [[ ! -e assets/package.json ]] || (cd assets && npm run -s --if-present test); }; }
# Clippy checks, the tests build: cargo shares nothing between the two but build scripts and macros. The
# build comes first, so that a failing test is not kept waiting for a minute of lints.
step_build() { cargo test --locked --no-run; }
step_sqlite() { SALUR_TEST_DB=sqlite cargo test --locked; }
# The text rules, the documentation and the rest that knows no database have had their run on SQLite.
step_postgres() { SALUR_TEST_DB=postgres cargo test --locked --lib --bins --test suite; }
step_lint() { CLIPPY_CONF_DIR="$PWD/tests/lint" cargo clippy --locked --all-targets -- -D warnings; }
step_browser() { cargo test --locked --no-run --test suite && (cd tests/browser && SALUR_BIN="$(cd ../.. && realpath "$SALUR_BIN")" node run.mjs); }

all=(tools format web build sqlite postgres lint browser)
wanted=("$@")
((${#wanted[@]})) || wanted=("${all[@]}")

summary=()
passed=0
finish() { # exit code
    printf '\n'
    printf '%s\n' "${summary[@]}"
    exit "$1"
}
for name in "${wanted[@]}"; do
    if ! declare -F "step_$name" >/dev/null; then
        echo "make test: there is no step '$name'; the steps are: ${all[*]}" >&2
        exit 2
    fi
    printf '\n== %s\n' "$name"
    began=$SECONDS
    if "step_$name"; then
        passed=$((passed + 1))
        summary+=("$(printf '  %-10s ok      %4d s' "$name" $((SECONDS - began)))")
    else
        summary+=("$(printf '  %-10s FAILED  %4d s' "$name" $((SECONDS - began)))")
        summary+=("make test: stopped at the step '$name'; again with: make test ONLY=$name")
        finish 1
    fi
done
summary+=("$(printf '  %-10s         %4d s' together "$SECONDS")")
# The closing line counts steps, so that a reader of the last line alone sees that something ran.
summary+=("steps: $passed passed, 0 failed")
finish 0
