#!/usr/bin/env bash
# Installs what the tests need and nothing else: says what it installs, asks nothing, and is silent and
# quick where everything is there already. Debian's packages through apt; the rest stays inside the
# project (target/venv, node_modules).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target="${CARGO_TARGET_DIR:-target}"

# A tool that is missing, and Debian's package that brings it.
missing=()
need() { # package, then a command that succeeds where the package is not needed
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
need gcc command -v cc
need libc6-dev test -e /usr/include/stdlib.h
need chromium command -v chromium
need postgresql compgen -G '/usr/lib/postgresql/*/bin/initdb'
need poppler-utils command -v pdftoppm
need zbar-tools command -v zbarimg
need qpdf command -v qpdf
need util-linux command -v setpriv
need strace command -v strace
need python3-venv python3 -c 'import ensurepip, venv'
need nodejs command -v node
need npm command -v npm
need fonts-dejavu-core test -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf

if ((${#missing[@]})); then
    echo "setup: installing ${missing[*]}"
    if ! command -v apt-get >/dev/null; then
        echo "setup: no apt-get here; install these, or what your system calls them, by hand: ${missing[*]}" >&2
        exit 1
    fi
    as_root=()
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            echo "setup: neither root nor sudo; as root, run: apt-get install ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    log="$(mktemp)"
    apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" </dev/null >>"$log" 2>&1; }
    # The package lists of a new machine are empty, those of an old one point at files long gone: try
    # with what is there, then with fresh lists.
    if ! apt install -y --no-install-recommends "${missing[@]}"; then
        apt update || true
        if ! apt install -y --no-install-recommends "${missing[@]}"; then
            tail -n 30 "$log" >&2
            echo "setup: apt-get could not install ${missing[*]}; the lines above say why" >&2
            exit 1
        fi
    fi
    rm -f "$log"
fi

node_major="$(node -p 'process.versions.node.split(".")[0]')"
if ((node_major < 20)); then
    echo "setup: node $(node --version) is too old for the browser tests: they need 20 or newer" >&2
    exit 1
fi

# npm's own record of what it installed is older than the lock file: install anew.
packages() {
    [[ -e $1/package-lock.json ]] || return 0
    [[ $1/node_modules/.package-lock.json -nt $1/package-lock.json ]] && return 0
    echo "setup: npm packages of $1"
    (cd "$1" && npm ci --no-fund --no-audit --loglevel=error && touch node_modules/.package-lock.json)
}
packages assets
packages tests/browser

requirements=tests/interop/requirements.txt
if [[ -e $requirements ]] && ! cmp -s "$requirements" "$target/venv/installed.txt"; then
    echo "setup: Python packages of $requirements"
    mkdir -p "$target"
    [[ -x $target/venv/bin/pip ]] || python3 -m venv "$target/venv"
    "$target/venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
    cp "$requirements" "$target/venv/installed.txt"
fi
