#!/usr/bin/env bash
# Makes the package of a built binary with dpkg-deb: build.sh BINARY FOLDER. Prints where it lies.
# PACK="-Zgzip -z1" packs quickly, for trying it.
set -euo pipefail
binary=$1 folder=$2
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
version="$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../../../Cargo.toml" | head -n 1)"
architecture="$(dpkg --print-architecture)"
# The same sources give the same package.
SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2>/dev/null || date +%s)}"
export SOURCE_DATE_EPOCH
root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT
umask 022

install -D -m 0755 "$binary" "$root/usr/bin/salur"
strip --strip-all "$root/usr/bin/salur"
install -D -m 0644 "$here/../salur.service" "$root/lib/systemd/system/salur.service"
# The address of the database may hold a password.
install -D -m 0640 "$here/default" "$root/etc/default/salur"
doc="$root/usr/share/doc/salur"
install -D -m 0644 "$here/README.Debian" "$doc/README.Debian"
mkdir -p "$doc/examples"
cp -r "$here/../cluster" "$doc/examples/cluster"
find "$doc/examples" -type f -exec chmod 0644 {} +
{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: salur\n\n'
    printf 'Files: *\nCopyright: 2026 The Salur authors\nLicense: Expat or Apache-2.0\n\nLicense: Expat\n'
    sed -e '1,4d' -e 's/^$/./' -e 's/^/ /' "$here/../../../LICENSE-MIT"
    printf '\nLicense: Apache-2.0\n The text is in /usr/share/common-licenses/Apache-2.0.\n'
} >"$doc/copyright"
printf 'salur (%s) stable; urgency=medium\n\n  * See the manual.\n\n -- The Salur authors <salur@example.org>  %s\n' \
    "$version" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.gz"

# The newest version of the C library that a symbol of the binary asks for.
glibc="$(grep -aoE 'GLIBC_2\.[0-9]+' "$root/usr/bin/salur" | sort -uV | tail -n 1 | cut -d_ -f2)"
size="$(du -ks --apparent-size "$root" | cut -f1)"
mkdir "$root/DEBIAN"
fill() { sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" -e "s/@GLIBC@/$glibc/" "$here/$1"; }
fill control >"$root/DEBIAN/control"
echo /etc/default/salur >"$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    fill "$script" >"$root/DEBIAN/$script"
    chmod 0755 "$root/DEBIAN/$script"
done
(cd "$root" && find usr lib -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$folder"
package="$folder/salur_${version}_$architecture.deb"
read -ra pack <<<"${PACK:--Zxz}"
dpkg-deb --root-owner-group "${pack[@]}" --build "$root" "$package" >&2
echo "$package"
