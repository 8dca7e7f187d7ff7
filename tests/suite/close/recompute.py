"""Adds the books of a round up again from the exported tables alone.

Knows nothing of the program: it reads the CSV files in the folder that is named, and says what does not agree.
Python's standard library is all it needs."""

import csv
import pathlib
import sys


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return int(text) if text not in ("", None) else 0


folder = pathlib.Path(sys.argv[1])
extra_packages = int(sys.argv[2])
faults = []


def same(what, one, other):
    if one != other:
        faults.append(f"{what}: {one} is not {other}")


# The round's books, a line a figure.
books = {(row["bagian"], row["kunci"]): row for row in table(folder / "reconciliation.csv")}


def figure(part, key, column="jumlah"):
    return number(books[(part, key)][column])


states = ["available", "leased", "redeemed", "revoked", "unresolved", "expired"]
rights = [*states, "short"]
RUPIAH = "nilai_rupiah"
for column in ("jumlah", RUPIAH):
    parts = sum(figure("hak", part, column) for part in rights)
    same(f"issued is the sum of the states and what was short ({column})", figure("hak", "issued", column), parts)
# Every package is worth the same, so what redeemed households were owed is known without the short receipts.
issued = figure("hak", "issued")
each = figure("hak", "issued", RUPIAH) // max(issued, 1)
same("issued is so much each", figure("hak", "issued", RUPIAH), each * issued)
for state in states:
    short = figure("hak", "short", RUPIAH) if state == "redeemed" else 0
    same(f"value of {state}", figure("hak", state, RUPIAH) + short, each * figure("hak", state))
ceiling, committed, realised, remaining = (
    figure("anggaran", key, RUPIAH) for key in ("ceiling", "committed", "realised", "remaining")
)
same("ceiling is committed, realised and remaining", ceiling, committed + realised + remaining)
live = sum(figure("hak", state, RUPIAH) for state in ("available", "leased", "unresolved"))
same("the round's committed", figure("anggaran", "round_committed", RUPIAH), live)
same("the round's realised", figure("anggaran", "round_realised", RUPIAH), figure("hak", "redeemed", RUPIAH))
if committed < live or realised < figure("hak", "redeemed", RUPIAH):
    faults.append("the round is more than its programme")

# Point by point, in vouchers and in rupiah, and over all points.
points = sorted(key.removesuffix("_issued") for part, key in books if part == "titik" and key.endswith("_issued"))
if not points:
    faults.append("no points")
of_round = {"issued": ["issued"], "redeemed": ["redeemed"], "short": ["short"],
            "open": ["available", "leased", "unresolved"], "released": ["revoked", "expired"]}
for column in ("jumlah", RUPIAH):
    for point in points:
        parts = sum(figure("titik", f"{point}_{part}", column) for part in of_round if part != "issued")
        same(f"{point} ({column})", figure("titik", f"{point}_issued", column), parts)
    for part, keys in of_round.items():
        found = sum(figure("titik", f"{point}_{part}", column) for point in points)
        same(f"the points' {part} ({column})", found, sum(figure("hak", key, column) for key in keys))
names = [(part, row["nama"]) for (part, _), row in books.items()]
same("no two lines have one name", len(names), len(set(names)))
for (part, key), row in books.items():
    if not row["nama"] or (part != "anggaran" and not row["satuan"]):
        faults.append(f"{part} {key}: no name or no unit")
if "Data s.d." not in books[("data", "cut_off")]["nama"]:
    faults.append("no cut-off")

# Every receipt, point by point.
count = value = 0
for path in sorted(folder.glob("receipt_list-*.csv")):
    rows = [row for row in table(path) if row["No."].isdigit()]
    worth = sum(number(row["Nilai (Rp)"]) for row in rows)
    point = path.stem.removeprefix("receipt_list-")
    same(f"receipts at {point}", len(rows), figure("titik", f"{point}_redeemed"))
    same(f"receipts' worth at {point}", worth, figure("titik", f"{point}_redeemed", RUPIAH))
    count += len(rows)
    value += worth
same("receipts are what the books say was redeemed", count, figure("hak", "redeemed"))
same("receipts are worth what the books say", value, figure("hak", "redeemed", "nilai_rupiah"))
days = [row for (part, _), row in books.items() if part == "hari"]
same("receipts are what the days say", count, sum(number(row["jumlah"]) for row in days))
same("receipts are worth what the days say", value, sum(number(row[RUPIAH]) for row in days))

# The goods, line by line: what came is what went and what is left.
given = {}
for row in table(folder / "voucher_goods.csv"):
    came = number(row["Diterima"]) + number(row["Koreksi"])
    went = sum(number(row[name]) for name in ("Diserahkan", "Rusak", "Hilang", "Retur", "Dipindahkan", "Sisa hitung"))
    same(f"{row['Titik']} {row['Komoditas']}", came, went)
    given[row["Komoditas"]] = given.get(row["Komoditas"], 0) + number(row["Diserahkan"])
for (part, key), row in books.items():
    if part == "barang" and key.endswith("_handed_over"):
        item = key.removesuffix("_handed_over")
        package = figure("barang", f"{item}_issued") // issued
        same(f"goods issued: {item}", figure("barang", f"{item}_issued"), package * issued)
        same(f"goods out: {item}", given[row["nama"].removesuffix(", diserahkan")], number(row["jumlah"]) + extra_packages * package)
        due = number(row["jumlah"]) + figure("barang", f"{item}_short")
        same(f"goods due: {item}", due, package * figure("hak", "redeemed"))

# The points of the report are the receipts, and so is the budget's physical realisation.
rows = [row for row in table(folder / "realisation.csv") if row["No."].isdigit()]
same("the points' handouts", sum(number(row["Tersalurkan"]) for row in rows), count)
same("the points' value", sum(number(row["Nilai (Rp)"]) for row in rows), value)
budget = {row["Uraian"]: number(row["Nilai (Rp)"]) for row in table(folder / "budget_reconciliation.csv")}
same("physical realisation", budget["Realisasi fisik (tersalurkan)"], value)
same("ceiling", budget["Pagu setelah perubahan"], ceiling)


# The goods in rupiah: what suppliers brought is with households, gone, or lies somewhere, to the rupiah.
goods = table(folder / "goods_value.csv")
for row in goods:
    came = number(row["Datang"]) + number(row["Koreksi"])
    parts = ("Diserahkan", "Rusak", "Hilang", "Kurang", "Retur", "Persediaan")
    same(f"rupiah of {row['Komoditas']}", came, sum(number(row[name]) for name in parts))
sums = {name: sum(number(row[name]) for row in goods if row["Komoditas"] != "Jumlah") for name in goods[0] if name != "Komoditas"}
same("goods that came", budget["Barang datang dari penyedia, baik dan rusak"], sums["Datang"])
same("goods that lie somewhere", budget["Persediaan (gudang, titik, di jalan)"], sums["Persediaan"])
same("goods that are gone", budget["Rusak, hilang, kurang"], sums["Rusak"] + sums["Hilang"] + sums["Kurang"])
good = budget["Di antaranya diterima baik (BAST penyedia)"]
if not 0 < good <= sums["Datang"]:
    faults.append(f"good are {good} of {sums['Datang']}")

print(f"{count} receipts, Rp{value}")
if faults:
    sys.exit("\n".join(faults))
