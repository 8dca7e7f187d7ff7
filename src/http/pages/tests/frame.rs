//! The frame of a programme by its forms: from the first page of a programme to a voucher that is held.

use actix_web::http::StatusCode;

use super::Site;
use crate::domain::redemption::{Collector, Given, Paper};
use crate::service::{Claim, Named};

fn seen(status: StatusCode) -> bool {
    status == StatusCode::SEE_OTHER
}

#[actix_web::test]
async fn a_programme_is_made_and_says_what_comes_next_and_who_does_it() {
    let site = Site::new();
    let admin = site.signed_in("admin").await;
    let mut form =
        vec![("code", "LANSIA-2026"), ("name", "Bantuan Lansia"), ("account_code", "5.1.06"), ("ceiling", "seribu")];
    let wrong = admin.post("/programmes", &form).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text.contains("value=\"LANSIA-2026\"") && wrong.text.contains("role=\"alert\""),
        "what was typed stays"
    );
    form[3].1 = "Rp500.000.000";
    let made = admin.post("/programmes", &form).await;
    assert!(seen(made.status), "{}", made.text);
    let page = admin.get(made.location()).await;
    assert!(page.text.contains("Rp500.000.000") && page.text.contains("Langkah berikutnya"), "{}", page.text);
    assert!(page.text.contains("Susun paket</strong> – Admin dinas"));
    let address = made.location().to_owned();

    let line = |packs| {
        vec![
            ("package_code", "A"),
            ("package_name", "Paket A"),
            ("code", "beras"),
            ("name", "Beras"),
            ("unit", "gram"),
            ("packs", packs),
            ("pack_name", "kg"),
            ("pack_size", "1.000"),
            ("price", "16.000"),
            ("code", ""),
            ("name", ""),
            ("unit", "gram"),
            ("packs", ""),
            ("pack_name", ""),
            ("pack_size", ""),
            ("price", ""),
        ]
    };
    let package = format!("{address}/package");
    let added = admin.post(&package, &[line("15"), vec![("do", "sum")]].concat()).await;
    assert!(added.text.contains("<td class=\"num\">Rp240.000</td>"), "{}", added.text);
    let none = admin.post(&package, &[line("0"), vec![("do", "save")]].concat()).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen(admin.post(&package, &[line("15"), vec![("do", "save")]].concat()).await.status));
    let page = admin.get(&address).await.text;
    assert!(page.contains("Beras 15 kg") && page.contains("versi 1"));
    let from = page.split("/package?from=").nth(1).unwrap().split('"').next().unwrap();
    let copy = admin.get(&format!("{package}?from={from}")).await.text;
    assert!(copy.contains("value=\"beras\"") && copy.contains("versi 2"), "{copy}");

    let low = [
        ("ceiling", "600.000.000"),
        ("document_no", "DPPA/1"),
        ("document_date", "2026-09-01"),
        ("reason", "perubahan"),
    ];
    assert!(seen(admin.post(&format!("{address}/revisions"), &low).await.status));
    assert!(admin.get(&address).await.text.contains("+Rp100.000.000"));
    let issuer = site.signed_in("issuer").await;
    assert_eq!(issuer.post(&format!("{address}/revisions"), &low).await.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn a_ceiling_below_what_is_issued_is_refused_with_the_numbers() {
    let site = Site::new();
    let admin = site.signed_in("admin").await;
    let address = format!("/programmes/{}/revisions", site.demo.programme_id);
    let low = [("ceiling", "1"), ("document_no", "x"), ("document_date", "2026-09-01"), ("reason", "x")];
    let refused = admin.post(&address, &low).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("Rp6.000.000"), "12 vouchers of Rp500.000: {}", refused.text);
}

#[actix_web::test]
async fn a_round_is_paused_and_resumed_from_its_page_and_the_desk_says_why() {
    let site = Site::new();
    let (voucher, operator) = site.voucher();
    let coordinator = site.signed_in("coordinator").await;
    let desk = site.signed_in(&operator).await;
    let round = format!("/rounds/{}", site.demo.round_id);
    let object = site.demo.round_id.to_string();
    let pause =
        [("scope", "round"), ("object", &object), ("back", &round), ("letter_no", "270/15"), ("reason", "masa tenang")];
    let paused = coordinator.post("/pauses", &pause).await;
    assert!(seen(paused.status) && paused.location() == round, "{}", paused.text);
    let page = coordinator.get(&round).await.text;
    assert!(page.contains("Tahap ini ditunda") && page.contains("270/15"));
    let scan = desk.post("/desk", &[("code", &voucher.code)]).await;
    assert_eq!(scan.verdict(), "paused");
    assert!(scan.text.contains("masa tenang (No. 270/15)"), "{}", scan.text);
    let resume = page.split("action=\"").find(|rest| rest.starts_with("/pauses/")).unwrap().split('"').next().unwrap();
    assert!(seen(coordinator.post(resume, &[("letter_no", "270/16"), ("back", "//evil.example")]).await.status));
    let page = coordinator.get(&round).await.text;
    assert!(!page.contains("Tahap ini ditunda") && page.contains("Penundaan sebelumnya: 1"));
    assert_eq!(desk.post("/desk", &[("code", &voucher.code)]).await.verdict(), "valid");
    let operators = desk.post("/pauses", &pause).await;
    assert_eq!(operators.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn a_voucher_is_found_by_its_code_held_and_moved() {
    let site = Site::new();
    let (voucher, operator) = site.voucher();
    let coordinator = site.signed_in("coordinator").await;
    let desk = site.signed_in(&operator).await;
    let nothing = coordinator.post("/entitlements", &[("code", "0000-0000-00")]).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    let found = coordinator.post("/entitlements", &[("code", &voucher.typed_code)]).await;
    let address = found.location().to_owned();
    assert!(seen(found.status) && !address.contains(&voucher.typed_code), "no code in an address");
    let page = coordinator.get(&address).await.text;
    assert!(page.contains(&voucher.household) && !page.contains(&voucher.typed_code) && !page.contains(&voucher.code));
    assert!(seen(coordinator.post(&format!("{address}/hold"), &[("reason", "menunggu surat")]).await.status));
    assert!(coordinator.get(&address).await.text.contains("menunggu surat"));
    let scan = desk.post("/desk", &[("code", &voucher.code)]).await;
    assert_eq!(scan.verdict(), "held");
    assert!(scan.text.contains("menunggu surat"));
    let held = coordinator.get(&format!("/rounds/{}/entitlements?state=held&point=", site.demo.round_id)).await.text;
    assert!(held.contains(&voucher.household));
    let twice = coordinator.post(&format!("{address}/hold"), &[("reason", "lagi")]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(seen(coordinator.post(&format!("{address}/release"), &[("reason", "surat ada")]).await.status));
    assert_eq!(desk.post("/desk", &[("code", &voucher.code)]).await.verdict(), "valid");

    let moving =
        page.split("action=\"").find(|rest| rest.starts_with("/programmes/")).unwrap().split('"').next().unwrap();
    let far = page.split("<option value=\"").skip(1).find(|rest| !rest.split('>').next().unwrap().contains("selected"));
    let far = far.unwrap().split('"').next().unwrap();
    let to = [("point", far), ("session_no", "1"), ("desk_no", "1"), ("reason", "pindah"), ("back", &address)];
    let moved = coordinator.post(moving, &to).await;
    assert!(seen(moved.status) && moved.location() == address, "{}", moved.text);
    assert_eq!(desk.post("/desk", &[("code", &voucher.code)]).await.verdict(), "superseded");
}

#[actix_web::test]
async fn points_windows_sessions_and_placement_have_their_pages() {
    let site = Site::new();
    let (admin, coordinator) = (site.signed_in("admin").await, site.signed_in("coordinator").await);
    let new = [
        ("code", "TGR-09"),
        ("name", "BPU Melayu"),
        ("sub_district", "TENGGARONG"),
        ("desks", "2"),
        ("session_size", "30"),
    ];
    let made = admin.post("/points", &new).await;
    assert!(seen(made.status), "{}", made.text);
    let change = [
        ("name", "BPU"),
        ("sub_district", "TENGGARONG"),
        ("desks", "3"),
        ("session_size", "50"),
        ("more", "64.02.06.1009, 6402061010"),
    ];
    assert!(seen(admin.post(made.location(), &change).await.status));
    let page = admin.get(made.location()).await.text;
    assert!(page.contains("64.02.06.1009") && page.contains("64.02.06.1010"), "{page}");
    let taken = [
        ("name", "BPU"),
        ("sub_district", "TENGGARONG"),
        ("desks", "3"),
        ("session_size", "50"),
        ("villages", "64.02.06.1002"),
    ];
    assert_eq!(admin.post(made.location(), &taken).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let round = coordinator.get(&format!("/rounds/{}", site.demo.round_id)).await.text;
    let at = round.split("href=\"").find(|rest| rest.contains("/points/0")).unwrap().split('"').next().unwrap();
    let window = [("opens_at", "2020-01-01T00:00"), ("closes_at", "2099-01-01T00:00"), ("reason", "air tinggi")];
    assert!(seen(coordinator.post(&format!("{at}/window"), &window).await.status));
    let layout =
        [("first_day", "2026-12-07"), ("days", "30"), ("starts", "08:00"), ("minutes", "90"), ("per_day", "3")];
    assert!(seen(coordinator.post(&format!("{at}/layout"), &layout).await.status));
    let page = coordinator.get(at).await.text;
    assert!(page.contains("air tinggi") && page.contains("value=\"2026-12-07T08:00\""), "{page}");
    let times = [("starts", "2026-12-08T08:00"), ("ends", "2026-12-08T09:00")];
    assert!(seen(coordinator.post(&format!("{at}/sessions"), &times).await.status));
    let wrong = [("starts", "2026-12-08T08:00"), ("ends", "")];
    assert_eq!(coordinator.post(&format!("{at}/sessions"), &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let placing = format!("/programmes/{}/placement", site.demo.programme_id);
    assert!(coordinator.get(&placing).await.text.contains("Semua penerima sudah punya tempat"));
    assert!(seen(coordinator.post(&placing, &[("everybody", "yes")]).await.status));
    assert_eq!(admin.get(&placing).await.status, StatusCode::FORBIDDEN);
    let overlaps = coordinator.get(&format!("/programmes/{}/overlaps", site.demo.programme_id)).await;
    assert!(overlaps.status == StatusCode::OK && overlaps.text.contains("Tidak ada irisan"));
    let form = [
        ("number", "7"),
        ("name", "Tahap 7"),
        ("package", ""),
        ("opens_at", "2026-12-01T00:00"),
        ("closes_at", "2026-12-02T00:00"),
    ];
    let create = format!("/programmes/{}/round", site.demo.programme_id);
    let page = admin.get(&create).await.text;
    let package = page.split("<option value=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut good = form.to_vec();
    good[2].1 = package;
    assert!(seen(admin.post(&create, &good).await.status));
    assert_eq!(admin.post(&create, &good).await.status, StatusCode::CONFLICT, "there is a round 7 now");
    let rounds =
        site.state.office.rounds(&site.state.office.who_bears(&site.demo.tokens["admin"]).unwrap(), None).unwrap();
    let fresh = rounds.iter().find(|round| round.number == 7).unwrap();
    let page = coordinator.get(&format!("/rounds/{}", fresh.id)).await.text;
    assert!(page.contains(&format!("/rounds/{}/points/", fresh.id)), "its sessions come before its vouchers");
}

#[actix_web::test]
async fn what_a_household_is_owed_is_proposed_by_one_form_and_approved_by_another() {
    let site = Site::new();
    let (coordinator, issuer) = (site.signed_in("coordinator").await, site.signed_in("issuer").await);
    let (voucher, _) = site.voucher();
    let address = format!("/entitlements/{}/exceptions", voucher.entitlement);
    let page = coordinator.get(&address).await;
    assert!(page.text.contains("masih berlaku") && !page.text.contains("name=\"reason\""), "{}", page.text);
    let early = coordinator.post(&address, &[("reason", "beras kurang")]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(early.text.contains("role=\"alert\""));

    let office = &site.state.office;
    let operator = office.who_bears(&site.demo.device_tokens[&voucher.point]).unwrap();
    let claim = Claim {
        id: office.new_redemption_id().unwrap(),
        named: Named::Code(voucher.code.clone()),
        collector: Collector { id_seen: true, ..Collector::default() },
        paper: Paper::Seen,
        paper_reason: None,
        items: Some(vec![Given { code: "beras".into(), quantity: 10_000 }]),
        scanned_at: None,
    };
    office.redeem(&operator, &claim).unwrap();
    let page = coordinator.get(&address).await.text;
    assert!(page.contains("Beras 5 kg; ") && page.contains("penyerahan kurang"), "{page}");
    let empty = coordinator.post(&address, &[("reason", "")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen(coordinator.post(&address, &[("reason", "truk terlambat")]).await.status));
    let waits = coordinator.get(&address).await.text;
    assert!(waits.contains("Menunggu keputusan orang lain") && !waits.contains("/decision"), "{waits}");

    let list = issuer.get(&format!("/rounds/{}/exceptions?state=proposed", site.demo.round_id)).await.text;
    assert!(list.contains(&voucher.household) && list.contains(&address), "{list}");
    assert!(issuer.get(&format!("/rounds/{}", site.demo.round_id)).await.text.contains("/exceptions\""));
    let page = issuer.get(&address).await.text;
    assert!(page.contains("truk terlambat"), "{page}");
    let decide = page.split("action=\"").find(|rest| rest.contains("/decision\"")).unwrap().split('"').next().unwrap();
    assert_eq!(coordinator.post(decide, &[("approve", "yes")]).await.status, StatusCode::FORBIDDEN);
    let why = issuer.post(decide, &[("approve", "no"), ("note", "")]).await;
    assert_eq!(why.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = issuer.post(decide, &[("approve", "yes"), ("note", "")]).await;
    assert!(seen(done.status) && done.location() == address, "{}", done.text);
    let page = issuer.get(&address).await.text;
    assert!(page.contains("vouchers.pdf?entitlement=") && page.contains("disetujui"), "{page}");
    assert_eq!(issuer.post(decide, &[("approve", "yes"), ("note", "")]).await.status, StatusCode::CONFLICT);
    let household = coordinator.get(&format!("/entitlements/{}", voucher.entitlement)).await.text;
    assert!(household.contains(&address), "{household}");
}
