### Kata-kata Salur dalam bahasa Indonesia. Urutan dan kunci sama dengan en.ftl.

## Kerangka
skip = Langsung ke isi
navigation = Menu utama
other-language = English
sign-out = Keluar
paging = Halaman
next-page = Berikutnya
total = Jumlah
active = Aktif
inactive = Nonaktif
revoked = Dicabut
never = Belum pernah
download = Unduh
print-button = Cetak
search-button = Cari
operator = Petugas
recipient = Penerima
warnings = Peringatan
free-of-charge = GRATIS – TIDAK DIPUNGUT BIAYA APA PUN
complaints = Pengaduan: { $hotline } · lapor.go.id
complaints-lapor = Pengaduan: lapor.go.id
count-vouchers = { $count } kupon

nav-home = Beranda
nav-desk = Meja
nav-intakes = Impor data
nav-households = Penerima
nav-rounds = Tahap
nav-devices = Perangkat
nav-users = Pengguna

role-admin = Admin dinas
role-registrar = Pendata
role-verifier = Verifikator
role-issuer = Penerbit kupon
role-coordinator = Koordinator
role-operator = Petugas titik
role-storekeeper = Pengurus barang
role-finance = Keuangan
role-auditor = Auditor

## Kolom dan isian
field-username = Nama pengguna
field-password = Kata sandi
field-first-password = Kata sandi pertama
field-name = Nama
field-role = Peran
field-point = Titik (untuk petugas titik)
field-programme = Program
field-file = Berkas (.csv atau .xlsx)
col-file = Berkas
col-state = Status
col-uploaded = Diunggah
col-line = Baris
col-household = Penerima
col-address = Alamat
col-point = Titik
col-outcome = Hasil
col-round = Tahap
col-window = Masa ambil
col-print = Kupon
col-count = Jumlah
col-value = Nilai
col-item = Barang
col-promised = Jatah
col-handed-over = Diserahkan
col-short = Kurang
col-day = Hari
col-device = Perangkat
col-key = Kunci
col-last-seen = Terakhir terlihat

## Masuk
sign-in-title = Masuk
sign-in-lead = Penyaluran bantuan dengan kupon.
sign-in-button = Masuk
sign-in-wrong = Nama pengguna atau kata sandi salah. Periksa huruf besar dan kecil, lalu coba lagi.
sign-in-forgotten = Lupa kata sandi? Hubungi admin dinas.

## Beranda
home-title = Apa yang dikerjakan sekarang?
home-rounds = Tahap yang berjalan
collected = Sudah diambil
not-collected = Belum diambil
issued = Terbit
of-issued = dari { $count } kupon sudah diambil

step-upload = Unggah daftar penerima
step-why-upload = Berkas CSV atau Excel diperiksa dahulu; data belum berubah.
step-approve = Setujui daftar penerima
step-why-approve = Periksa berkas yang diunggah orang lain, lalu terapkan.
step-households = Cari penerima
step-why-households = Daftar penerima dengan NIK disamarkan.
step-issue = Terbitkan dan cetak kupon
step-why-issue = Kupon diterbitkan sebatas pagu, dicetak per titik.
step-desk = Buka meja pelayanan
step-why-desk = Pindai kupon, cocokkan KTP, serahkan paket.
step-devices = Lihat perangkat
step-why-devices = Perangkat di tiap titik dan kapan terakhir terlihat.
step-rounds = Lihat tahap
step-why-rounds = Jadwal, titik, dan jumlah yang sudah diambil.
step-reconcile = Rekonsiliasi
step-why-reconcile = Pagu, kupon, barang, dan nilai yang sudah tersalurkan.
step-users = Kelola pengguna
step-why-users = Satu orang satu peran, satu kata sandi.

## Impor data
intakes-title = Impor data penerima
intakes-caption = Berkas yang diunggah
intakes-none = Belum ada berkas.
upload-title = Unggah berkas
upload-hint = Berkas diperiksa dahulu. Data penerima baru berubah setelah disetujui orang lain.
upload-button = Unggah dan periksa
uploaded-by = Diunggah oleh
applied-by = Diterapkan oleh
intake-state-waiting = Menunggu persetujuan
intake-state-applied = Diterapkan
intake-state-withdrawn = Ditarik
outcome-all = Semua
outcome-new = Baru
outcome-changed = Berubah
outcome-same = Sama
outcome-rejected = Ditolak
filter-by-outcome = Saring menurut hasil
warnings-count = { $count } baris dengan peringatan; baris itu tetap dapat diterapkan.
apply-title = Setujui dan terapkan
apply-what = { $count } penerima baru atau berubah akan disimpan.
apply-not = { $count } baris yang ditolak tidak ikut.
apply-confirm = Saya sudah memeriksa daftar ini dan menyetujuinya.
apply-button = Terapkan
apply-own = Berkas ini Anda unggah sendiri. Orang lain (verifikator) yang harus menyetujuinya.
rows-caption = Baris dalam berkas
rows-none = Tidak ada baris dengan hasil ini.

## Penerima
households-title = Penerima
households-caption = Daftar penerima
households-total = { $count } KPM. NIK disamarkan.
households-search = Nama, id sumber, atau 16 angka NIK
households-none = Belum ada penerima. Unggah daftar lewat Impor data.
households-not-found = Tidak ada penerima yang cocok dengan “{ $q }”. Periksa ejaan atau cari dengan NIK lengkap.

## Tahap
rounds-title = Tahap penyaluran
rounds-caption = Daftar tahap
rounds-none = Belum ada tahap.
round-state-planned = Direncanakan
round-state-open = Berjalan
round-state-closed = Selesai
round-state-paused = Ditunda
account-code = Kode rekening
package = Isi paket
budget-title = Anggaran program
budget-programme-title = Anggaran program (semua tahap)
budget-drawing = Anggaran: bagian yang sudah tersalurkan, terikat kupon, dan sisa. Angkanya ada di atas.
ceiling = Pagu
committed = Terikat kupon
realised = Tersalurkan
remaining = Sisa anggaran
issue-title = Terbitkan kupon
issue-what = { $count } penerima yang disetujui belum mempunyai kupon tahap ini.
issue-value = Nilainya { $amount }.
issue-over = Sisa anggaran { $amount } tidak cukup, jadi tidak ada kupon yang dapat diterbitkan. Kurangi penerima atau tambah pagu.
issue-confirm = Terbitkan untuk semua penerima ini; nilainya terikat pada pagu.
issue-button = Terbitkan kupon
issue-none = Semua penerima yang disetujui sudah mempunyai kupon tahap ini.
points-caption = Per titik
points-none = Belum ada kupon pada tahap ini.
print-link = Unduh PDF

## Rekonsiliasi
reconciliation-title = Rekonsiliasi
reconcile-link = Buka rekonsiliasi
as-of = Data per
books-close = Semua jumlah cocok.
books-open = Ada jumlah yang tidak cocok. Jangan ditandatangani; hubungi admin dinas.
round-committed = Terikat kupon pada tahap ini
round-realised = Tersalurkan pada tahap ini
states-caption = Kupon menurut status
items-caption = Barang
issued-total = Diterbitkan
state-available = Belum diambil
state-leased = Dipegang perangkat
state-redeemed = Sudah diambil
state-revoked = Dibatalkan
state-unresolved = Perlu keputusan
state-expired = Kedaluwarsa
per-point = Per titik
per-day = Per hari
days-caption = Penyerahan per hari
days-none = Belum ada penyerahan.
drawing-title = Kupon yang sudah diambil per titik
drawing-what = Tiap batang sepanjang kupon yang terbit; bagian gelap sudah diambil. Angkanya ada di tabel berikut.
issued-not-collected = terbit, belum diambil
by-proxy = Lewat wakil
released = Batal atau kedaluwarsa

## Tanda terima
receipt-title = Tanda terima
receipt-when = Waktu
receipt-collector = Diambil oleh
receipt-point = Titik
receipt-short = Isi kurang dari jatah; kekurangannya dicatat.
receipt-value = Nilai
receipt-mark = Sidik bukti:
back-to-desk = Kembali ke meja

## Pengguna dan perangkat
users-title = Pengguna
users-caption = Daftar pengguna
users-create = Tambah pengguna
users-create-hint = Yang mendata tidak dapat menyetujui; yang menerbitkan tidak dapat menyerahkan.
users-create-button = Tambah
password-hint = Paling sedikit 12 huruf atau angka. Pengguna menggantinya sendiri nanti.
no-point = Tanpa titik
devices-title = Perangkat
devices-caption = Perangkat dan meja
devices-none = Belum ada perangkat.

## Halaman masalah
problem-back = Kembali
problem-not-found = Tidak ditemukan
problem-not-found-detail = Halaman atau data yang diminta tidak ada di sini.
problem-not-found-advice = Periksa alamatnya, atau mulai lagi dari daftar.
problem-forbidden = Tidak diizinkan
problem-forbidden-detail = Peran Anda tidak boleh membuka atau mengerjakan ini.
problem-forbidden-advice = Minta orang dengan peran yang sesuai, atau masuk dengan akun lain.
problem-expired = Halaman ini sudah lama terbuka
problem-expired-detail = Formulir tidak diterima karena tanda pengamannya tidak berlaku lagi; tidak ada yang berubah.
problem-expired-advice = Buka lagi halamannya, lalu kirim sekali lagi.
problem-refused = Tidak dapat dikerjakan
problem-broken = Ada gangguan
problem-broken-detail = Server tidak dapat menyelesaikan permintaan ini.
problem-broken-advice = Coba lagi sebentar. Bila tetap gagal, sampaikan waktu kejadian kepada admin dinas.

## Meja
desk-point = Titik
desk-desk = Meja
desk-network = Jaringan
desk-online = Terhubung
desk-offline = Terputus
desk-scan-label = Pindai atau ketik kode kupon
desk-check = Periksa
desk-born = lahir
desk-items = Serahkan
desk-collector = Siapa yang mengambil?
collector-self = Penerima sendiri
collector-proxy = Wakil
collector-substitute = Pengganti
desk-collector-name = Nama wakil atau pengganti
desk-relation = Hubungan wakil
desk-relation-same = Satu KK
desk-relation-other = Di luar KK (dengan surat kuasa)
desk-id-seen = KTP atau KK asli sudah dilihat
desk-hand-over = Serahkan paket
desk-next = Penerima berikutnya
desk-print = Cetak tanda terima
desk-today = Hari ini di meja ini
desk-handed-over = Diserahkan
desk-refused = Tidak dilayani
desk-recent = Sepuluh pindaian terakhir
desk-recent-none = Belum ada pindaian.
desk-sign-in-again = Masuk lagi
desk-drop = Hentikan percobaan
desk-need-name = Tulis nama wakil atau pengganti.
desk-need-id = Centang setelah KTP atau KK asli dilihat.
desk-first = Diambil { $when } di { $point } oleh { $who } – jangan serahkan, panggil koordinator
desk-who-self = penerima sendiri
desk-who-proxy = wakil
desk-who-substitute = pengganti
desk-right-point = Kupon ini untuk { $point }. Arahkan penerima atau minta persetujuan koordinator
desk-reason = Alasan: { $reason }
desk-typed-slip = Kode sepuluh huruf atau angka, misalnya 7KQ4-M2XP-9D. Periksa dan ketik lagi.
desk-other-session = Jadwal: { $slot }. Boleh dilayani bila antrean kosong.

## Putusan di layar petugas: kata besar, lalu satu baris petunjuk
verdict-ready = SIAP
verdict-checking = MEMERIKSA…
verdict-sending = MENGIRIM ULANG…
verdict-offline = JARINGAN TERPUTUS
verdict-signed-out = PERLU MASUK LAGI
verdict-stuck = BELUM SELESAI
verdict-trouble = ADA GANGGUAN
verdict-redeemed = PAKET DISERAHKAN
verdict-valid = SAH – SERAHKAN PAKET
verdict-already-redeemed = SUDAH DIAMBIL
verdict-superseded = DIGANTI
verdict-revoked = DIBATALKAN
verdict-held = DITAHAN
verdict-paused = DITUNDA
verdict-not-yet-valid = BELUM WAKTUNYA
verdict-expired = KEDALUWARSA
verdict-wrong-point = BUKAN TITIK INI
verdict-leased-elsewhere = DIPEGANG PERANGKAT LAIN
verdict-unresolved = PERLU KEPUTUSAN
verdict-unknown = TIDAK DIKENAL
verdict-forged = KUPON TIDAK ASLI
verdict-foreign = BUKAN KUPON PROGRAM INI
verdict-malformed = TIDAK TERBACA
verdict-not-ready = PERANGKAT BELUM SIAP
verdict-do-ready = Pindai kupon, atau ketik kodenya lalu tekan Enter
verdict-do-checking = Tunggu sebentar
verdict-do-sending = Penyerahan belum dicatat. Jangan serahkan dua kali; tunggu sampai hijau
verdict-do-offline = Kupon belum diperiksa. Disambung ulang sendiri; periksa sambungan internet
verdict-do-signed-out = Masa masuk habis. Masuk lagi; penyerahan yang tertunda akan diselesaikan
verdict-do-stuck = Server menolak permintaan. Muat ulang halaman; bila tetap begini, panggil koordinator
verdict-do-trouble = Server tidak dapat menjawab. Pindai lagi; bila tetap begini, panggil koordinator
verdict-do-redeemed = Tercatat. Minta tanda tangan atau cap jempol di daftar
verdict-do-valid = Cocokkan nama dan foto KTP
verdict-do-already-redeemed = Jangan serahkan, panggil koordinator
verdict-do-superseded = Kupon lama tidak berlaku; gunakan kupon cetak ulang
verdict-do-revoked = Jangan serahkan. Arahkan ke meja pengaduan
verdict-do-held = Jangan serahkan dahulu. Panggil koordinator
verdict-do-paused = Penyaluran ditunda. Jangan serahkan; tunggu kabar koordinator
verdict-do-not-yet-valid = Masa ambil belum mulai. Lihat jadwal pada kupon
verdict-do-expired = Masa ambil sudah berakhir. Panggil koordinator
verdict-do-wrong-point = Kupon ini untuk titik lain. Arahkan penerima atau minta persetujuan koordinator
verdict-do-leased-elsewhere = Perangkat lain memegang hak kupon ini. Panggil koordinator
verdict-do-unresolved = Jangan serahkan. Koordinator harus memutuskan dahulu
verdict-do-unknown = Jangan serahkan. Tahan kupon dengan sopan, panggil koordinator
verdict-do-forged = Tahan kupon dengan sopan, catat kejadian
verdict-do-foreign = QR dari KK, undangan Pos, atau lainnya. Minta kupon program ini
verdict-do-malformed = Pindai lagi, ratakan kertasnya, atau ketik kode di samping QR
verdict-do-not-ready = Data titik belum diunduh – sambungkan internet sekali

## Halaman status kupon untuk umum
status-valid = Kupon asli, belum dipakai
status-already-redeemed = Kupon ini sudah dipakai
status-superseded = Kupon ini sudah diganti
status-revoked = Kupon ini dibatalkan
status-held = Kupon ini sedang ditahan
status-paused = Penyaluran sedang ditunda
status-not-yet-valid = Kupon asli, belum waktunya
status-expired = Kupon ini kedaluwarsa
status-wrong-point = Kupon asli, belum dipakai
status-leased-elsewhere = Kupon asli, belum dipakai
status-unresolved = Kupon ini sedang diperiksa
status-unknown = Kupon ini tidak dikenal
status-forged = Kupon ini tidak asli
status-foreign = Ini bukan kupon program ini
status-malformed = Kode tidak terbaca
status-not-ready = Status belum dapat dilihat
status-do-valid = Bawa kupon ini dan KTP atau KK asli ke tempat di bawah.
status-do-already-redeemed = Paketnya sudah diserahkan. Bila Bapak/Ibu belum menerima, segera lapor.
status-do-superseded = Gunakan kupon cetak ulang yang terbaru.
status-do-revoked = Kupon tidak dapat dipakai. Tanyakan alasannya lewat pengaduan.
status-do-held = Kupon belum dapat dipakai. Tanyakan kepada petugas atau lewat pengaduan.
status-do-paused = Tunggu kabar dari desa atau kelurahan. Kupon tetap disimpan.
status-do-not-yet-valid = Simpan kupon. Datang sesuai jadwal di bawah.
status-do-expired = Masa ambil sudah berakhir. Tanyakan kepada petugas desa atau lewat pengaduan.
status-do-wrong-point = Bawa kupon ini dan KTP atau KK asli ke tempat di bawah.
status-do-leased-elsewhere = Bawa kupon ini dan KTP atau KK asli ke tempat di bawah.
status-do-unresolved = Petugas sedang memeriksa kupon ini. Hubungi pengaduan bila lama.
status-do-unknown = Jangan dibeli atau diterima dari orang lain. Laporkan dari mana kupon ini berasal.
status-do-forged = Jangan dibeli atau diterima dari orang lain. Laporkan dari mana kupon ini berasal.
status-do-foreign = QR ini milik surat atau program lain.
status-do-malformed = Pindai lagi di tempat terang, kertas diratakan.
status-do-not-ready = Coba lagi sebentar.
status-used-when = Dipakai pada
status-used-where = Dipakai di
status-contents = Isi paket
status-where = Ambil di
status-when = Jadwal
status-print-no = No. cetak
session-slot = sesi { $number } ({ $from }–{ $until } { $zone })

## Penolakan dan gangguan

refusal-not-signed-in = Anda belum masuk, atau masa masuk sudah habis. Masuk lalu coba lagi.
refusal-bad-credentials = Nama pengguna atau kata sandi salah.
refusal-not-our-form = Permintaan tidak datang dari halaman Salur. Muat ulang halaman lalu coba lagi.
refusal-forbidden = Peran Anda tidak boleh melakukan ini.
refusal-same-person = Yang mengunggah tidak boleh menyetujui sendiri. Minta verifikator lain.
refusal-not-found = Tidak ditemukan. Periksa alamat atau kode, lalu coba lagi.
refusal-invalid = Isian „{ $field }“ tidak dapat diterima: { $why }.
refusal-exists = { $what } sudah ada.
refusal-package = Isi paket tidak dapat diterima: { $what }.
refusal-already-applied = Berkas ini sudah diterapkan; tidak ada yang berubah.
refusal-budget = Pagu tidak cukup: perlu { $needed }, sisa { $remaining }. Tidak ada yang diterbitkan.
refusal-id-reused = Nomor permintaan ini sudah dipakai untuk penyerahan lain.
refusal-items = Jumlah barang „{ $what }“ tidak sesuai dengan isi paket.
refusal-no-device = Anda tidak berada di meja titik distribusi, jadi tanda terima tidak dapat ditandatangani.
refusal-device-revoked = Perangkat ini sudah dicabut. Hubungi koordinator.
refusal-not-available = Hak ini tidak dapat diubah lagi: { $what }.
refusal-too-many = Terlalu banyak sekaligus: { $count }, paling banyak { $max }. Pilih satu titik.
refusal-unprintable = Tidak dapat dicetak: { $what }.
refusal-wrong-key-file = Berkas kunci bukan milik instalasi ini.
refusal-not-empty = Basis data sudah berisi; dibutuhkan yang kosong.
refusal-too-many-requests = Terlalu banyak permintaan. Tunggu sebentar lalu coba lagi.
refusal-bad-request = Permintaan tidak dapat dibaca: { $why }.
refusal-too-large = Kiriman terlalu besar; paling banyak { $max } MB.
refusal-wrong-method = Alamat ini tidak menerima cara permintaan itu.
refusal-unavailable = Basis data sedang tidak dapat dihubungi. Coba lagi sebentar.
refusal-internal = Server tidak dapat menyelesaikan permintaan ini. Tidak ada yang berubah.
desk-session-notice = Jadwalnya sesi { $number }, { $when }. Boleh dilayani bila antrean kosong.

## Files with unclear columns, and places

## Verification: decisions, duplicates, lists, substitutes

## Programmes: budget, packages, points, rounds, placement

## Hold and pause

## Search and the history of a household

## Printing

refusal-job-not-done = Hasil cetak belum dapat diambil: { $what }.
job-state-waiting = Menunggu
job-state-running = Sedang dicetak
job-state-done = Selesai
job-state-failed = Gagal
job-state-cancelled = Dibatalkan
job-state-expired = Kedaluwarsa
print-title = Cetak kupon
print-go = Cetak kupon…
print-intro = Kupon diurutkan menurut titik, desa, RT, lalu nama. Di muka setiap bundel RT ada lembar serah terima.
print-point = Titik
print-every-point = Semua titik
print-layout = Bentuk kertas
print-layout-a4x4 = A4, empat kupon (A6) per lembar
print-layout-a4x2 = A4, dua kupon besar (A5) per lembar
print-layout-a6 = A6, satu kupon per lembar
print-layout-booklet = Buku: semua tahap satu keluarga pada satu lembar A4
print-language = Bahasa kupon
print-language-id = Indonesia
print-language-both = Indonesia dan Inggris
print-begin = Siapkan berkas
print-hint = Sampai 1.000 kupon langsung menjadi satu PDF. Selebihnya disiapkan server sebagai berkas ZIP; Anda tidak perlu menunggu di halaman ini.
print-jobs = Pekerjaan cetak tahap ini
print-none = Belum ada pekerjaan cetak. Isi formulir di atas untuk memulai.
print-asked = Diminta
print-progress = Kemajuan
print-of = { $done } dari { $total } kupon
print-parts = { $count } berkas
print-fetch = Unduh ZIP
print-cancel = Batalkan
print-remove = Hapus berkas
print-kept = Hasil dihapus dari server setelah 24 jam.
print-reloads = Halaman ini memuat ulang sendiri selama masih ada yang dikerjakan.
print-failed-inside = Server tidak dapat menyelesaikannya. Coba lagi, atau hubungi admin.
