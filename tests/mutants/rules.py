"""Takes the rules of the lease protocol out of the product's own code, one at a time, and runs the tests that
guard them. A rule whose removal leaves every test green is reported, and the program ends with 1.

    make mutants                      all of them
    make mutants ONLY="2 8"           rules 2 and 8

The sources are copied into a folder beside the build, so that no mutant ever lies in the tree itself. The numbers
are those of src/manual/offline.md."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

LEASE = "src/domain/lease"

# rule, what is taken away, file, text of today, text without the rule
MUTANTS = [
    ("1", "a closed lease can be used", "device.rs",
     "        Lease::Open(fence) => fence,\n        _ => return refuse(&seen, slot, not_open(slot)),",
     "        Lease::Open(fence) | Lease::Closed(fence) => fence,\n        _ => return refuse(&seen, slot, not_open(slot)),"),
    ("1", "a used lease can be used again", "device.rs",
     "let slot = Slot { lease: Lease::Redeemed(fence, redemption), ..*slot };",
     "let slot = *slot;"),
    ("1", "the receipt does not take the next place", "device.rs",
     "Core { seq: receipt.seq, head_hash: receipt.hash,", "Core { head_hash: receipt.hash,"),
    ("2", "any fence can be installed", "device.rs",
     "if grant.fence > slot.hwm { Ok(()) } else { Err(Refused::OldFence) }", "Ok(())"),
    ("3", "a return counts under any fence", "server.rs",
     "row.right != Right::Leased(member.device) || back.fence != row.fence || member.forked",
     "row.right != Right::Leased(member.device) || member.forked"),
    ("3", "a return counts from any device", "server.rs",
     "row.right != Right::Leased(member.device) || back.fence != row.fence || member.forked",
     "back.fence != row.fence || member.forked"),
    ("3", "a receipt counts under any fence", "server.rs",
     "        Right::Leased(_) => exact,\n        Right::Unresolved", "        Right::Leased(_) => true,\n        Right::Unresolved"),
    ("4", "the end of a round frees a lease", "server.rs",
     "        Right::Available => {\n            step.row.right = Right::Expired;",
     "        Right::Available | Right::Leased(_) => {\n            step.row.right = Right::Available;"),
    ("4", "a lease that has ended can be used", "device.rs", "if now >= slot.ends_at {", "if false {"),
    ("5", "the return leaves while the lease is open", "device.rs",
     "slot: Slot { lease: Lease::Closed(fence), ..*slot }, output: Output::Return(back)",
     "slot: *slot, output: Output::Return(back)"),
    ("6", "a write-off frees the lease", "recovery.rs",
     "Right::Leased(device) if device == member.device => row.right = Right::Unresolved(device),",
     "Right::Leased(device) if device == member.device => row.right = Right::Available,"),
    ("7", "a leased entitlement is revoked at once", "server.rs",
     "Right::Available if !facts.office.recovering() => take_away(&mut step),",
     "Right::Available | Right::Leased(_) if !facts.office.recovering() => take_away(&mut step),"),
    ("8", "a recovering server grants", "server.rs",
     "    if facts.office.recovering() {\n        return Err(Refused::Recovering); // rule 8\n    }\n", ""),
    ("9", "a grant of an older epoch is taken", "device.rs", "if epoch != core.epoch {", "if false {"),
    ("10", "an answer of an older epoch counts", "recovery.rs",
     "answer.device == member.device && answer.epoch == office.epoch && member.owes_answer(office.epoch)",
     "answer.device == member.device && member.owes_answer(office.epoch)"),
    ("10", "a second answer counts", "recovery.rs",
     "answer.device == member.device && answer.epoch == office.epoch && member.owes_answer(office.epoch)",
     "answer.device == member.device && answer.epoch == office.epoch"),
    ("11", "an enrolment is not recalled from outside", "recovery.rs",
     "            Some(Member::enrolled(*device, *point, *keeper, *epoch))", "            None.or_else(|| { let _ = Member::enrolled(*device, *point, *keeper, *epoch); None })"),
    ("12", "a device prunes what is not covered", "contact.rs",
     "journal.into_iter().filter(|receipt| receipt.seq > core.covered).collect()",
     "journal.into_iter().filter(|receipt| receipt.seq > core.seq).collect()"),
    ("12", "a device trusts an acknowledgement of another receipt", "contact.rs",
     "if ack.seq > core.seq || own != Some(ack.hash) {", "if ack.seq > core.seq {"),
    ("13", "a redemption is not recalled from outside", "recovery.rs",
     "            row.right = Right::Redeemed(receipt.redemption);", ""),
    ("14", "a fork goes unseen", "server.rs", "    member.forked |= !in_chain(receipt, known);\n", ""),
]


def main():
    tree = pathlib.Path(os.environ.get("SALUR_TREE", pathlib.Path(__file__).resolve().parents[2]))
    copy = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", tree / "target")).resolve() / "mutants"
    copy.mkdir(parents=True, exist_ok=True)
    for name in ["src", "tests", "migrations", "assets"]:
        if (tree / name).exists():
            shutil.copytree(tree / name, copy / name, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("node_modules"))
    for name in ["Cargo.toml", "Cargo.lock", "build.rs"]:
        if (tree / name).exists():
            shutil.copy2(tree / name, copy / name)
    log = open(copy / "log.txt", "w")

    def tests(name):
        """Whether the tests are green."""
        began = time.monotonic()
        build = subprocess.run(["cargo", "test", "--locked", "--offline", "--no-run", "--lib", "--test", "model", "--test", "simulate"],
                               cwd=copy, stdout=log, stderr=log)
        if build.returncode:
            sys.exit(f"{name}: does not compile; see {copy / 'log.txt'}")
        caught = []
        for what in (["--lib", "domain::lease"], ["--test", "model"], ["--test", "simulate"]):
            run = subprocess.run(["cargo", "test", "--locked", "--offline", *what], cwd=copy, stdout=log, stderr=log)
            if run.returncode:
                caught.append(what[-1])
        log.flush()
        return caught, time.monotonic() - began

    only = sys.argv[1:]
    caught, took = tests("the code as it is")
    if caught:
        sys.exit(f"the code as it is does not pass: {caught}")
    print(f"the code as it is: green ({took:.0f} s)", flush=True)
    free = 0
    wanted = [mutant for mutant in MUTANTS if not only or mutant[0] in only]
    for rule, what, file, old, new in wanted:
        path = copy / LEASE / file
        text = (tree / LEASE / file).read_text()
        if text.count(old) != 1:
            sys.exit(f"rule {rule}, {what}: the text to take out occurs {text.count(old)} times in {LEASE}/{file}")
        path.write_text(text.replace(old, new))
        caught, took = tests(f"rule {rule}, {what}")
        path.write_text(text)
        free += not caught
        print(f"rule {rule:>2}, {what}: {'caught by ' + ', '.join(caught) if caught else 'NOT CAUGHT'} ({took:.0f} s)", flush=True)
    print(f"{len(wanted)} removals, {len(wanted) - free} caught")
    sys.exit(1 if free else 0)


main()
