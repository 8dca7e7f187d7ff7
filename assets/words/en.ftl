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
nav-programmes = Programmes
nav-points = Points
step-programmes = See programmes and budgets
step-why-programmes = Ceilings, packages, rounds, placing households, and pauses.
step-points = Manage points
step-why-points = Desks, session size, and the villages that each point serves.
step-vouchers = Find a voucher
step-why-vouchers = By its code: look, hold it back, or move it to another point.
programmes-title = Aid programmes
programmes-caption = Budget by programme
programmes-none = There is no programme yet.
programmes-ask-admin = Ask the office's administrator to make one.
programmes-create = Make a programme
programmes-create-button = Make the programme
programme-name = Programme name
programme-name-hint = As printed on the voucher, such as Bantuan Sembako.
programme-code = Programme code
programme-code-hint = Short; letters, digits and dashes: SEMBAKO-2026.
account-hint = Account code and nomenclature are copied from the DPA as they stand.
account-name = Account name (nomenclature)
decree-no = Decree
decree-date = Date of the decree
setup-title = On the way to the first voucher
setup-next = Next:
setup-done = Done
setup-package = Make the package
setup-why-package = Goods, quantities and unit prices; the value adds up by itself.
setup-points = Enter the points
setup-why-points = Place, number of desks, session size, and villages served.
setup-list = Upload and approve the list of households
setup-why-list = A registrar uploads, a verifier approves.
setup-place = Place the households
setup-why-place = By village and neighbourhood, automatically; neighbours together.
setup-round = Make a round
setup-why-round = Package version and window.
setup-issue = Issue and print the vouchers
setup-why-issue = Within the ceiling, then printed point by point.
rounds-none-next = Make one once there is a package.
packages-title = Packages
packages-none = There is no package yet. Enter its goods, quantities and unit prices.
package-code = Package code
package-name = Package name
package-version = version { $number }
package-next = Next version
package-copy = Copy and change
package-create = Make a package
package-hint = One line for each good: 15 kg of rice are 15 packs called “kg” of 1,000 grams at the price of one kg. Versions that exist never change; saving makes a new one.
package-will-be = To be saved as version { $number }.
package-lines = Contents
line-code = Code
line-name = Good
line-packs = Packs
line-pack = Pack
line-size = Pack holds
line-unit = Unit
line-price = Unit price (Rp)
unit-gram = grams
unit-millilitre = millilitres
unit-piece = pieces
package-sum = Value of the package
package-add-up = Add up
package-save = Save version { $number }
revisions-title = The ceiling and its revisions
revision-number = Revision
revision-first = First ceiling
revision-nth = Revision { $number }
revision-change = Change
revision-create = Revise the ceiling
revision-hint = The ceiling cannot go below { $amount }, which is issued and handed over.
revision-ceiling = New ceiling
revision-button = Save the revision
document = Document
document-no = Number of the document (DPA, DPPA, decree)
document-date = Date of the document
col-entered = Entered
field-reason = Reason
save = Save
all = All
show-button = Show
agency = Agency
places-title = Distribution points
places-caption = List of points
places-none = There is no point yet. Enter the places of distribution, then choose the villages that each serves.
places-create = Enter a point
places-create-button = Save the point
place-code = Code of the point
place-code-hint = Printed on vouchers; it cannot be changed later.
place-name = Name of the place
place-change = Change the point
place-change-hint = The code stays, for it is printed on vouchers. Households that are placed stay where they are.
sub-district = Sub-district
desks = Desks
desk = Desk
session = Session
session-size = Households per session
session-size-hint = 30 to 50, over all desks together.
villages-served = Villages served
villages-hint = A village is served by one point. Its households are placed here.
villages-more = Codes of further villages
villages-more-hint = Codes of Kemendagri, separated by commas.
village-elsewhere = served by { $point }
round-create = Make a round
round-create-button = Save the round
round-number = Number
round-name = Name of the round
opens-at = Opens
closes-at = Closes
closes-hint = Vouchers are good until just before this time. A point that is late can be extended by itself.
window-round = Window of the round
window-here = Window at this point
window-same = The same as the round's
window-set = Extend or shift the window at this point
window-hint = It counts from the next scan on, also for vouchers already printed. Tell the households through their RT.
window-button = Save the window
sessions-title = Sessions
sessions-none = There are no sessions at this point yet.
sessions-save = Save the times
starts = Starts
ends = Ends
layout-title = Lay out the sessions
layout-hint = As many sessions as households are placed in; they take the place of those there are. The times of each can be changed afterwards.
layout-first-day = First day
layout-days = How many days at most
layout-starts = Starts at
layout-minutes = Length of a session (minutes)
layout-per-day = Sessions a day
layout-button = Lay out
placement-title = Placing households
placement-what = Approved households are placed at the point that serves their village, then spread over sessions and desks, neighbours together. Vouchers already issued do not move.
placement-whom = Who is to be placed
placement-missing = Those without a place
placement-everybody = Everybody anew
placement-moved = To be placed
placement-stayed = Stay where they are
placement-by-hand = { $count } placed by hand
placement-unplaced = Cannot be placed yet
placement-write = Place { $count } households
placement-hint = Below is the plan. Nothing changes before the button is pressed.
placement-button = Place as planned
placement-none = No household is approved yet. Upload and approve the list first.
placement-done = All households have a place.
placement-first = The first { $count } are shown.
placement-by-yourself = Place by hand
placement-seats = The plan by point
placement-desks = Households per session (per desk)
unplaced-no-address = Its village and sub-district are not known.
unplaced-no-point = No point lies in its sub-district.
unplaced-several-points = Several points lie in its sub-district, but none serves its village.
move-title = Move a household
move-link = Choose a place
move-hint = A household that was placed by hand is never moved automatically.
move-paper-hint = At another point the voucher has to be printed again; the old paper answers SUPERSEDED.
move-button = Move
overlaps-title = Overlap with programmes
overlaps-what = Households of this programme that are approved in another too, matched by NIK or family card. Overlap is shown and blocks nothing.
overlaps-none = There is no overlap with another programme.
overlaps-with = By other programme
overlaps-households = Households that overlap
overlaps-caption = Households that overlap
overlaps-also = Also receives
vouchers-title = Vouchers by household
vouchers-caption = Vouchers of this round
vouchers-none = There is no voucher for this choice.
voucher-search = Find a voucher
voucher-code = Code on the voucher
voucher-search-hint = Type the code beside the QR, or scan the QR.
voucher-unknown = No voucher has this code. Check how it is written.
voucher-of = Voucher of
place-session-desk = Point, session, desk

## Hold and pause
letter-no = Number of the letter
paused-programme = This programme is paused
paused-round = This round is paused
paused-point = This point is paused
paused-since = since { $when }
pause-programme = Pause the programme
pause-round = Pause the round
pause-point = Pause the point
pause-hint-programme = All points answer PAUSED at once, for all rounds of this programme. No voucher is lost.
pause-hint-round = All points answer PAUSED at once for this round. No voucher is lost.
pause-hint-point = This point answers PAUSED at once, for all programmes. No voucher is lost.
pause-reason-hint = Read by officers at the desk and by holders of vouchers, such as: masa tenang pemilu.
pause-button = Pause now
resume-letter-no = Number of the letter that resumes it
resume-button = Resume
resumed-by = resumed by letter
pauses-over = Earlier pauses: { $count }
hold-none = Not held
hold-requested = Hold requested, not yet in force on the device
hold-effective = Held
hold-requested-why = A device that may be offline holds this right. The hold comes into force as soon as the right is back.
hold-title = Hold this voucher
hold-hint = Desks answer HELD with this reason at once, until it is released.
hold-leased-hint = A device holds this right. The hold is kept as requested and comes into force once the right is back.
hold-button = Hold
release-title = Release the hold
release-button = Release
voucher-paused = The distribution is paused:

refusal-ceiling-too-low = The ceiling { $ceiling } is below what is issued and handed over ({ $obligated }). Nothing was changed.
refusal-paused-already = It is paused already. Resume the pause that stands, then pause again.
refusal-resumed-already = This pause has ended.
refusal-held-already = This right is held already.
refusal-not-held = This right is not held.
refusal-nobody-placed = Nobody is placed at this point yet, so it needs no sessions. Place the households first.

## Search and the history of a household
