### The words of Salur in English. Same order and keys as id.ftl.

## Frame
skip = Skip to content
navigation = Main menu
other-language = Bahasa Indonesia
sign-out = Sign out
paging = Pages
next-page = Next
total = Total
active = Active
inactive = Disabled
revoked = Revoked
never = Never
download = Download
print-button = Print
search-button = Search
operator = Operator
recipient = Recipient
warnings = Warnings
free-of-charge = FREE – NO CHARGE OF ANY KIND
complaints = Complaints: { $hotline } · lapor.go.id
complaints-lapor = Complaints: lapor.go.id
count-vouchers =
    { $count ->
        [one] { $count } voucher
       *[other] { $count } vouchers
    }

nav-home = Home
nav-desk = Desk
nav-intakes = Import
nav-households = Households
nav-rounds = Rounds
nav-devices = Devices
nav-users = Users

role-admin = Agency admin
role-registrar = Registrar
role-verifier = Verifier
role-issuer = Issuer
role-coordinator = Coordinator
role-operator = Operator
role-storekeeper = Storekeeper
role-finance = Finance
role-auditor = Auditor

## Columns and fields
field-username = User name
field-password = Password
field-first-password = First password
field-name = Name
field-role = Role
field-point = Point (for an operator)
field-programme = Programme
field-file = File (.csv or .xlsx)
col-file = File
col-state = State
col-uploaded = Uploaded
col-line = Row
col-household = Household
col-address = Address
col-point = Point
col-outcome = Outcome
col-round = Round
col-window = Window
col-print = Vouchers
col-count = Count
col-value = Value
col-item = Item
col-promised = Promised
col-handed-over = Handed over
col-short = Short
col-day = Day
col-device = Device
col-key = Key
col-last-seen = Last seen

## Sign in
sign-in-title = Sign in
sign-in-lead = Aid distribution with vouchers.
sign-in-button = Sign in
sign-in-wrong = The user name or the password is wrong. Check upper and lower case and try again.
sign-in-forgotten = Forgotten the password? Ask the agency admin.

## Home
home-title = What is to be done now?
home-rounds = Rounds under way
collected = Collected
not-collected = Not yet collected
issued = Issued
of-issued = of { $count } vouchers collected

step-upload = Upload a list of households
step-why-upload = A CSV or Excel file is checked first; nothing changes yet.
step-approve = Approve a list of households
step-why-approve = Look through a file that another person uploaded, then apply it.
step-households = Find a household
step-why-households = The households, with the NIK masked.
step-issue = Issue and print vouchers
step-why-issue = Vouchers are issued within the ceiling and printed by point.
step-desk = Open the desk
step-why-desk = Scan the voucher, compare the identity card, hand over the package.
step-devices = See the devices
step-why-devices = The devices of each point and when they were last seen.
step-rounds = See the rounds
step-why-rounds = Schedule, points, and how much has been collected.
step-reconcile = Reconcile
step-why-reconcile = Ceiling, vouchers, goods, and the value handed over.
step-users = Manage users
step-why-users = One person, one role, one password.

## Import
intakes-title = Import of households
intakes-caption = Uploaded files
intakes-none = No files yet.
upload-title = Upload a file
upload-hint = The file is checked first. Households change only after another person has approved.
upload-button = Upload and check
uploaded-by = Uploaded by
applied-by = Applied by
intake-state-waiting = Waiting for approval
intake-state-applied = Applied
intake-state-withdrawn = Withdrawn
outcome-all = All
outcome-new = New
outcome-changed = Changed
outcome-same = Same
outcome-rejected = Rejected
filter-by-outcome = Filter by outcome
warnings-count =
    { $count ->
        [one] { $count } row with a warning; it can be applied all the same.
       *[other] { $count } rows with a warning; they can be applied all the same.
    }
apply-title = Approve and apply
apply-what =
    { $count ->
        [one] { $count } new or changed household will be saved.
       *[other] { $count } new or changed households will be saved.
    }
apply-not =
    { $count ->
        [one] { $count } rejected row stays out.
       *[other] { $count } rejected rows stay out.
    }
apply-confirm = I have checked this list and approve it.
apply-button = Apply
apply-own = You uploaded this file yourself. Another person (a verifier) has to approve it.
rows-caption = Rows of the file
rows-none = No row has this outcome.

## Households
households-title = Households
households-caption = List of households
households-total =
    { $count ->
        [one] { $count } household. The NIK is masked.
       *[other] { $count } households. The NIK is masked.
    }
households-search = Name, source id, or the 16 digits of the NIK
households-none = No households yet. Upload a list under Import.
households-not-found = No household fits “{ $q }”. Check the spelling, or search by the full NIK.

## Rounds
rounds-title = Rounds
rounds-caption = List of rounds
rounds-none = No rounds yet.
round-state-planned = Planned
round-state-open = Under way
round-state-closed = Closed
round-state-paused = Paused
account-code = Account code
package = Package
budget-title = Budget of the programme
budget-programme-title = Budget of the programme (all rounds)
budget-drawing = Budget: the parts realised, committed and remaining. The figures stand above.
ceiling = Ceiling
committed = Committed
realised = Realised
remaining = Remaining
issue-title = Issue vouchers
issue-what =
    { $count ->
        [one] { $count } approved household has no voucher of this round yet.
       *[other] { $count } approved households have no voucher of this round yet.
    }
issue-value = The value is { $amount }.
issue-over = What remains of the budget, { $amount }, does not cover it, so nothing can be issued. Reduce the households or raise the ceiling.
issue-confirm = Issue to all of these households; the value is committed against the ceiling.
issue-button = Issue vouchers
issue-none = Every approved household has its voucher of this round.
points-caption = By point
points-none = No vouchers in this round yet.
print-link = Download PDF

## Reconciliation
reconciliation-title = Reconciliation
reconcile-link = Open reconciliation
as-of = Data as of
books-close = All sums agree.
books-open = Some sums do not agree. Do not sign; call the agency admin.
round-committed = Committed in this round
round-realised = Realised in this round
states-caption = Vouchers by state
items-caption = Goods
issued-total = Issued
state-available = Not yet collected
state-leased = Held by a device
state-redeemed = Collected
state-revoked = Revoked
state-unresolved = Needs a decision
state-expired = Expired
per-point = By point
per-day = By day
days-caption = Hand-overs by day
days-none = Nothing handed over yet.
drawing-title = Vouchers collected by point
drawing-what = Each bar is as long as the vouchers issued; its dark part is collected. The figures are in the table below.
issued-not-collected = issued, not yet collected
by-proxy = By proxy
released = Revoked or expired

## Receipt
receipt-title = Receipt
receipt-when = Time
receipt-collector = Collected by
receipt-point = Point
receipt-short = Less than the full package; the rest is on record.
receipt-value = Value
receipt-mark = Mark of the proof:
back-to-desk = Back to the desk

## Users and devices
users-title = Users
users-caption = List of users
users-create = Add a user
users-create-hint = Whoever registers cannot approve; whoever issues cannot hand over.
users-create-button = Add
password-hint = At least 12 letters or digits. The user changes it later.
no-point = No point
devices-title = Devices
devices-caption = Devices and desks
devices-none = No devices yet.

## Problem page
problem-back = Back
problem-not-found = Not found
problem-not-found-detail = The page or record you asked for is not here.
problem-not-found-advice = Check the address, or begin again from the list.
problem-forbidden = Not allowed
problem-forbidden-detail = Your role may not open or do this.
problem-forbidden-advice = Ask a person with the right role, or sign in with another account.
problem-expired = This page has been open for long
problem-expired-detail = The form was not accepted because its safety token is no longer valid; nothing has changed.
problem-expired-advice = Open the page again and send it once more.
problem-refused = This could not be done
problem-broken = Something is broken
problem-broken-detail = The server could not finish this request.
problem-broken-advice = Try again in a moment. If it fails again, tell the agency admin when it happened.

## Desk
desk-point = Point
desk-desk = Desk
desk-network = Network
desk-online = Connected
desk-offline = Not connected
desk-scan-label = Scan or type the voucher's code
desk-check = Check
desk-born = born
desk-items = Hand over
desk-collector = Who collects?
collector-self = The recipient
collector-proxy = Proxy
collector-substitute = Substitute
desk-collector-name = Name of the proxy or substitute
desk-relation = How the proxy belongs
desk-relation-same = Same family card
desk-relation-other = Not on the family card (with a letter)
desk-id-seen = Original identity or family card seen
desk-hand-over = Hand over the package
desk-next = Next recipient
desk-print = Print the receipt
desk-today = Today at this desk
desk-handed-over = Handed over
desk-refused = Not served
desk-recent = The last ten scans
desk-recent-none = No scans yet.
desk-sign-in-again = Sign in again
desk-drop = Stop trying
desk-need-name = Write the name of the proxy or substitute.
desk-need-id = Tick this once you have seen the original identity or family card.
desk-first = Collected { $when } at { $point } by { $who } – do not hand over, call the coordinator
desk-who-self = the recipient
desk-who-proxy = a proxy
desk-who-substitute = a substitute
desk-right-point = This voucher belongs to { $point }. Send the recipient there or ask the coordinator
desk-reason = Reason: { $reason }
desk-typed-slip = A code has ten letters or digits, such as 7KQ4-M2XP-9D. Check it and type it again.
desk-other-session = Scheduled: { $slot }. May be served when the queue is empty.

## Verdicts on the operator's screen: the big word, then one line of what to do
verdict-ready = READY
verdict-checking = CHECKING…
verdict-sending = SENDING AGAIN…
verdict-offline = NO CONNECTION
verdict-signed-out = SIGN IN AGAIN
verdict-stuck = NOT FINISHED
verdict-trouble = SOMETHING IS BROKEN
verdict-redeemed = PACKAGE HANDED OVER
verdict-valid = VALID – HAND OVER THE PACKAGE
verdict-already-redeemed = ALREADY COLLECTED
verdict-superseded = REPLACED
verdict-revoked = REVOKED
verdict-held = HELD
verdict-paused = PAUSED
verdict-not-yet-valid = NOT YET
verdict-expired = EXPIRED
verdict-wrong-point = NOT THIS POINT
verdict-leased-elsewhere = HELD BY ANOTHER DEVICE
verdict-unresolved = NEEDS A DECISION
verdict-unknown = UNKNOWN
verdict-forged = NOT A GENUINE VOUCHER
verdict-foreign = NOT A VOUCHER OF THIS PROGRAMME
verdict-malformed = NOT READABLE
verdict-not-ready = DEVICE NOT READY
verdict-do-ready = Scan a voucher, or type its code and press Enter
verdict-do-checking = One moment
verdict-do-sending = The hand-over is not on record yet. Do not hand over twice; wait for green
verdict-do-offline = The voucher has not been checked. It reconnects by itself; check the internet connection
verdict-do-signed-out = Your sign-in has ended. Sign in again; the hand-over that waits will be finished
verdict-do-stuck = The server refused the request. Reload the page; if it stays so, call the coordinator
verdict-do-trouble = The server could not answer. Scan again; if it stays so, call the coordinator
verdict-do-redeemed = On record. Ask for the signature or thumbprint on the list
verdict-do-valid = Compare the name and the photo on the card
verdict-do-already-redeemed = Do not hand over, call the coordinator
verdict-do-superseded = The old voucher is no longer good; use the reprint
verdict-do-revoked = Do not hand over. Send the person to the complaints desk
verdict-do-held = Do not hand over yet. Call the coordinator
verdict-do-paused = The distribution is paused. Do not hand over; wait for the coordinator
verdict-do-not-yet-valid = The window has not begun. See the schedule on the voucher
verdict-do-expired = The window is over. Call the coordinator
verdict-do-wrong-point = This voucher belongs to another point. Send the recipient there or ask the coordinator
verdict-do-leased-elsewhere = Another device holds the right of this voucher. Call the coordinator
verdict-do-unresolved = Do not hand over. The coordinator has to decide first
verdict-do-unknown = Do not hand over. Keep the voucher politely, call the coordinator
verdict-do-forged = Keep the voucher politely, record the incident
verdict-do-foreign = A QR of a family card, a postal letter or something else. Ask for this programme's voucher
verdict-do-malformed = Scan again, flatten the paper, or type the code beside the QR
verdict-do-not-ready = The data of the point is not loaded – connect to the internet once

## Public status page of a voucher
status-valid = Genuine voucher, not yet used
status-already-redeemed = This voucher has been used
status-superseded = This voucher has been replaced
status-revoked = This voucher has been revoked
status-held = This voucher is being held
status-paused = The distribution is paused
status-not-yet-valid = Genuine voucher, not yet time
status-expired = This voucher has expired
status-wrong-point = Genuine voucher, not yet used
status-leased-elsewhere = Genuine voucher, not yet used
status-unresolved = This voucher is being looked into
status-unknown = This voucher is not known
status-forged = This voucher is not genuine
status-foreign = This is not a voucher of this programme
status-malformed = The code cannot be read
status-not-ready = The status cannot be shown yet
status-do-valid = Bring this voucher and your original identity or family card to the place below.
status-do-already-redeemed = Its package has been handed over. If you have not received it, report it at once.
status-do-superseded = Use the newest reprint.
status-do-revoked = The voucher cannot be used. Ask for the reason through complaints.
status-do-held = The voucher cannot be used yet. Ask the officer or complaints.
status-do-paused = Wait for word from your village. Keep the voucher.
status-do-not-yet-valid = Keep the voucher. Come at the time below.
status-do-expired = The window is over. Ask the village officer or complaints.
status-do-wrong-point = Bring this voucher and your original identity or family card to the place below.
status-do-leased-elsewhere = Bring this voucher and your original identity or family card to the place below.
status-do-unresolved = Officers are looking into this voucher. Call complaints if it takes long.
status-do-unknown = Do not buy it or take it from others. Report where it came from.
status-do-forged = Do not buy it or take it from others. Report where it came from.
status-do-foreign = This QR belongs to another letter or programme.
status-do-malformed = Scan again in good light, with the paper flat.
status-do-not-ready = Try again in a moment.
status-used-when = Used on
status-used-where = Used at
status-contents = What the package contains
status-where = Collect at
status-when = Schedule
status-print-no = Print no.
session-slot = session { $number } ({ $from }–{ $until } { $zone })

## Refusals and failures

refusal-not-signed-in = You are not signed in, or your sign-in has ended. Sign in and try again.
refusal-bad-credentials = Wrong user name or password.
refusal-not-our-form = The request did not come from a page of Salur. Reload the page and try again.
refusal-forbidden = Your role may not do this.
refusal-same-person = Who uploaded a file may not approve it. Ask another verifier.
refusal-not-found = Not found. Check the address or the code, and try again.
refusal-invalid = The value of “{ $field }” cannot be taken: { $why }.
refusal-exists = { $what } exists already.
refusal-package = The package cannot be taken: { $what }.
refusal-already-applied = This file was applied before; nothing was changed.
refusal-budget = The ceiling does not cover it: { $needed } are needed, { $remaining } remain. Nothing was issued.
refusal-id-reused = This request id stands for another handout already.
refusal-items = The quantity of “{ $what }” does not fit the package.
refusal-no-device = You are at no desk of a distribution point, so nobody can sign the receipt.
refusal-device-revoked = This device was revoked. Call the coordinator.
refusal-not-available = This entitlement cannot be changed any more: { $what }.
refusal-too-many = Too many at once: { $count }, at most { $max }. Choose one point.
refusal-unprintable = Cannot be printed: { $what }.
refusal-wrong-key-file = The key file belongs to another installation.
refusal-not-empty = The database is not empty; an empty one is needed.
refusal-too-many-requests = Too many requests. Wait a moment and try again.
refusal-bad-request = The request cannot be read: { $why }.
refusal-too-large = The body is too large; at most { $max } MB.
refusal-wrong-method = This address does not take that method.
refusal-unavailable = The database cannot be reached right now. Try again in a moment.
refusal-internal = The server could not complete this request. Nothing was changed.
desk-session-notice = Scheduled for session { $number }, { $when }. May be served when the queue is short.

## Files with unclear columns, and places

## Verification: decisions, duplicates, lists, substitutes

## Programmes: budget, packages, points, rounds, placement

## Hold and pause

## Search and the history of a household

## Printing

refusal-job-not-done = The print cannot be fetched: { $what }.
job-state-waiting = Waiting
job-state-running = Printing
job-state-done = Done
job-state-failed = Failed
job-state-cancelled = Cancelled
job-state-expired = Expired
print-title = Print vouchers
print-go = Print vouchers…
print-intro = Vouchers are sorted by point, village, RT and name. A sheet to sign lies before the bundle of each RT.
print-point = Point
print-every-point = All points
print-layout = Paper
print-layout-a4x4 = A4, four vouchers (A6) a sheet
print-layout-a4x2 = A4, two large vouchers (A5) a sheet
print-layout-a6 = A6, one voucher a sheet
print-layout-booklet = Booklet: all rounds of a household on a sheet of A4
print-language = Language of the paper
print-language-id = Indonesian
print-language-both = Indonesian and English
print-begin = Make the file
print-hint = Up to 1,000 vouchers become one PDF at once. More are made by the server as a ZIP file; you need not wait on this page.
print-jobs = Print jobs of this round
print-none = There is no print job yet. Fill in the form above to begin.
print-asked = Asked for
print-progress = Progress
print-of = { $done } of { $total } vouchers
print-parts = { $count } files
print-fetch = Download ZIP
print-cancel = Cancel
print-remove = Remove the file
print-kept = Results are removed from the server after 24 hours.
print-reloads = This page reloads by itself while there is work under way.
print-failed-inside = The server could not finish it. Try again, or ask the administrator.
