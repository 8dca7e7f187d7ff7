#!/bin/bash
# Inside the container: installs, begins, starts, upgrades, kills, removes and purges, and looks after each step.
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
faults=0
say() { # what must be so, then a command that says whether it is
    local what=$1
    shift
    if "$@" >/dev/null 2>&1; then echo "  ok      $what"; else echo "  FAILED  $what"; faults=$((faults + 1)); fi
}
not() { ! "$@"; }
answers() { # a path of the server; asked again for 15 seconds
    local line
    for _ in $(seq 75); do
        line="$( (exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3 && head -n 1 <&3) 2>/dev/null)"
        [[ $line == *" 200 "* ]] && return
        sleep 0.2
    done
    return 1
}
process() { grep -q "$1" "/proc/$(systemctl show -p MainPID --value salur)/status"; }
state=/var/lib/salur

echo "installed"
say "dpkg installs it" dpkg -i /opt/trial/salur.deb
say "the service is enabled" systemctl is-enabled salur
say "it waits, and has not failed" not systemctl is-failed salur
say "the folder is the user's alone" test "$(stat -c '%U %a' $state)" = "salur 750"

echo "begun"
echo 'a long password' | runuser -u salur -- salur users first --dir $state --username kepala --name 'Ibu Kepala' \
    --agency-code DINSOS --agency 'Dinas Sosial' --government 'Pemerintah Contoh' --hotline 0541-000
say "it starts" systemctl start salur
say "it lives" answers /healthz
say "it is ready" answers /readyz
say "it has no capability" process 'CapBnd:.0000000000000000'
say "its calls are filtered" process 'Seccomp:.2'
say "it gains no privilege" process 'NoNewPrivs:.1'

echo "the key as a credential"
install -d -m 0700 /etc/credstore
install -m 0400 $state/salur.key /etc/credstore/salur.key
rm $state/salur.key
say "it starts again" systemctl restart salur
say "it is ready" answers /readyz

echo "killed"
kill -9 "$(systemctl show -p MainPID --value salur)"
say "it comes back by itself" answers /readyz

echo "upgraded"
echo '# mine' >>/etc/default/salur
say "dpkg upgrades it" dpkg -i /opt/trial/salur.deb
say "it is ready" answers /readyz
say "the settings are kept" grep -q '# mine' /etc/default/salur
say "there is a backup of before" compgen -G "$state/backups/before-*/manifest.json"

echo "removed"
say "dpkg removes it" dpkg -r salur
say "nothing runs" not systemctl is-active salur
say "the data stay" test -s $state/salur.db
say "the settings stay" test -s /etc/default/salur
say "it is installed again" dpkg -i /opt/trial/salur.deb
say "it is ready with the same data" answers /readyz

echo "purged"
say "dpkg purges it, and asks nothing" dpkg -P salur
say "the data are gone" not test -e $state
say "the settings are gone" not test -e /etc/default/salur
say "the unit is gone" not systemctl cat salur
((faults)) || echo "deb-trial: ok"
