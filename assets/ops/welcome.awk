# Prints the demonstration of `make run` for a person: where it is, who can sign in, where the paper lies.
# Input: demo/demo.json, the object of `salur demo --json`. Variables: listen, pdf.
# A whole JSON reader would be too much: only the flat objects in `users` are read, in any order of members.

{ text = text $0 "\n" }

function member(object, name,    from) {
    if (!match(object, "\"" name "\"[ \t\n]*:[ \t\n]*\"[^\"]*\"")) return ""
    from = substr(object, RSTART, RLENGTH - 1)
    sub(/^"[^"]*"[ \t\n]*:[ \t\n]*"/, "", from)
    return from
}

END {
    print ""
    print "Salur: the demonstration"
    print "  address       http://" listen "/"
    print "  sign in       http://" listen "/sign-in"
    print "  vouchers      " pdf "   (print it, or scan it from the screen)"
    print "  all the rest  demo/demo.json   (API tokens, every user; keep it to yourself)"
    print ""
    printf "  %-14s %-28s %s\n", "role", "username", "password"
    if (match(text, /"users"[ \t\n]*:[ \t\n]*\[[^]]*\]/)) {
        count = split(substr(text, RSTART, RLENGTH), object, "}")
        for (i = 1; i <= count; i++) {
            role = member(object[i], "role")
            if (role == "") continue
            # A point has an operator each, twenty and more: three show the pattern.
            if (++seen[role] > 3) { more[role]++; continue }
            printf "  %-14s %-28s %s\n", role, member(object[i], "username"), member(object[i], "password")
        }
        for (role in more) printf "  %-14s … and %d more in demo/demo.json\n", role, more[role]
    }
    print ""
    print "  To redeem a voucher: sign in as an operator and scan, or type the code beside the QR. Ctrl-C stops the server."
    print ""
}
