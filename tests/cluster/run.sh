#!/usr/bin/env bash
# Installs what a run needs (Debian's packages, and nothing else) and runs failover.py or hardship.py.
#   KILLS=2 HOUSEHOLDS=3000 SEED=1 SALUR_BIN=target/debug/salur bash tests/cluster/run.sh failover.py
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

missing=()
need() { # package, then the file it brings
    [[ -e $2 ]] || missing+=("$1")
}
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
need patroni /usr/bin/patroni
need python3-etcd /usr/lib/python3/dist-packages/etcd
need etcd-server /usr/bin/etcd
need haproxy /usr/sbin/haproxy
need pgbouncer /usr/sbin/pgbouncer
need faketime /usr/bin/faketime

if ((${#missing[@]})); then
    echo "cluster: installing ${missing[*]}"
    as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || { echo "cluster: neither root nor sudo; as root, run: apt-get install ${missing[*]}" >&2; exit 1; }
        as_root=(sudo)
    fi
    apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" </dev/null; }
    apt install -y --no-install-recommends "${missing[@]}" || { apt update; apt install -y --no-install-recommends "${missing[@]}"; }
fi
# Debian's own Python: Patroni's packages belong to it.
exec /usr/bin/python3 "tests/cluster/$1"
