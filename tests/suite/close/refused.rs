//! What staff meet besides figures: a form that comes back as it was sent, places that a role keeps, columns that a
//! program reads, and the end of what nobody came for.

use serde_json::json;

use super::Books;
use crate::harness::browser::Browser;
use crate::harness::office::text;

fn person(day: &Books, name: &str) -> Browser {
    Browser::sign_in(day.office.base(), name, "salur-demo-2026", "")
}

fn read(who: &Browser, path: &str, language: &str) -> String {
    let (status, _, body) = who.send("GET", path, &[("Accept-Language", language)], "", "");
    assert_eq!(status, 200, "{path}: {body}");
    body
}

fn send(who: &Browser, path: &str, fields: &str, language: &str) -> (u16, String) {
    let body = format!("csrf={}&{fields}", who.csrf);
    let ours = [("Sec-Fetch-Site", "same-origin"), ("Accept-Language", language)];
    let (status, _, page) = who.send("POST", path, &ours, "application/x-www-form-urlencoded", &body);
    (status, page)
}

#[test]
fn a_refused_form_comes_back_as_it_was_sent_and_its_wrong_field_says_so() {
    let day = Books::open(40, 121);
    let contract = day.contract(40);
    let delivery = day.deliver(&contract, 40, 0, 0);
    let finance = person(&day, "finance");
    let path = format!("/programmes/{}/treasury/invoices", day.programme());
    let typed = format!("number=INV-77%22%3E&contract={contract}&on=2026-11-05&amount=dua+juta&delivery={delivery}");
    for (language, said) in [("id", "Isian “"), ("en", "The value of “")] {
        let (status, page) = send(&finance, &path, &typed, language);
        assert_eq!(status, 422, "{page}");
        for kept in ["value=\"INV-77&#34;&#62;\"", "value=\"2026-11-05\"", "value=\"dua juta\""] {
            assert!(page.contains(kept), "{kept}: {page}");
        }
        assert!(page.contains(&format!("value=\"{delivery}\" type=\"checkbox\" checked")), "{page}");
        let wrong = page.split_once("<p class=\"wrong\" id=\"wrong\">").expect("beside the field").1;
        assert!(wrong.starts_with(said), "{language}: {}", &wrong[..80]);
        assert_eq!(page.matches("aria-invalid").count(), 1);
    }
    let treasury = day.office.get("finance", &format!("/programmes/{}/treasury", day.programme())).body;
    assert_eq!(treasury["invoices"], json!([]), "nothing was entered");
    assert!(!read(&finance, &format!("/programmes/{}/treasury", day.programme()), "id").contains("INV-77"));

    // A shipment without its vehicle, and a count that comes to no whole grams.
    let keeper = person(&day, "storekeeper");
    let (code, point) = (&day.items[0].code, day.points.keys().next().unwrap());
    let stock = |what: &str| format!("/rounds/{}/stock/{what}", day.round());
    let wanted = format!("from=&to={point}&vehicle=&driver=PAK+ALI&seal=S-1&sent-{code}=12,5");
    let (status, page) = send(&keeper, &stock("shipments"), &wanted, "id");
    assert_eq!(status, 422, "{page}");
    for kept in ["value=\"PAK ALI\"", "value=\"S-1\"", "value=\"12,5\""] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    assert!(page.contains(&format!("<option value=\"{point}\" selected>")), "{page}");
    let (status, page) =
        send(&keeper, &stock("counts"), &format!("point=&item={code}&counted=0,0001&note=basah"), "id");
    assert_eq!(status, 422, "{page}");
    assert!(page.contains("value=\"0,0001\"") && page.contains("value=\"basah\""), "{page}");

    // A password is not among what comes back.
    let admin = person(&day, "admin");
    let (status, page) =
        send(&admin, "/users", "name=SITI+AMINAH&username=siti&password=rahasia-sekali-2026&role=raja&point=", "id");
    assert_eq!(status, 422, "{page}");
    assert!(page.contains("value=\"SITI AMINAH\"") && !page.contains("rahasia-sekali"), "{page}");
}

#[test]
fn goods_are_sent_from_places_that_one_keeps() {
    let day = Books::open(40, 122);
    let stock = format!("/rounds/{}/stock", day.round());
    let choices = |who: &str, name: &str| {
        let page = read(&person(&day, who), &stock, "id");
        let select = page.split_once(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("{who}: no {name}")).1;
        let select = select.split_once("</select>").unwrap().0.to_owned();
        let values =
            select.split("<option value=\"").skip(1).map(|option| option.split('"').next().unwrap().to_owned());
        values.collect::<Vec<_>>()
    };
    assert_eq!(choices("storekeeper", "from"), [""], "the warehouse is the storekeeper's");
    let to = choices("storekeeper", "to");
    assert!(!to.contains(&String::new()) && to.len() > 2, "{to:?}");
    let from = choices("coordinator", "from");
    assert!(!from.contains(&String::new()) && from.len() == to.len(), "{from:?}");
    assert!(choices("coordinator", "to").contains(&String::new()), "goods go back to the warehouse");
}

#[test]
fn files_have_a_column_for_each_fact_and_the_words_of_what_was_done() {
    let mut day = Books::open(40, 123);
    let voucher = day.points.values().next().unwrap()[0].clone();
    day.redeem(&voucher, &json!({}));
    let finance = day.office.of("finance");
    let file = |kind: &str, more: &serde_json::Value| {
        let id = day.document(kind, more);
        let csv = finance.bytes(day.office.base(), &format!("/api/v1/documents/{id}.csv"));
        String::from_utf8(csv).unwrap()
    };
    let here = json!({ "point": voucher.point });
    let list = file("receipt_list", &here);
    assert!(list.contains("No. tanda terima,Nama,NIK,"), "{list}");
    let first = list.lines().nth(1).unwrap().split(',').collect::<Vec<_>>();
    assert!(first[3].contains("****") || first[3] == "TANPA NIK", "{first:?}");
    assert!(file("proxy_list", &json!({})).contains("Wakil / pengganti,NIK wakil (4 terakhir),Hubungan"));
    assert!(file("not_collected", &json!({})).contains("Ref.,Nama,NIK,"));
    let plan = file("delivery_plan", &json!({}));
    assert!(plan.contains("Kecamatan,PJ titik,Sesi") && plan.contains("Moda (darat/sungai)"), "{plan}");
    let goods = file("voucher_goods", &json!({}));
    assert!(goods.contains("Komoditas,Satuan di kertas,Satuan,") && goods.contains(",kg,gram,1,"), "{goods}");
    let trail = file("audit_trail", &json!({}));
    assert!(trail.contains("Aksi,Kode aksi,Objek,Id objek,Rincian"), "{trail}");
    assert!(trail.contains(",Dokumen dibuat,document.made,"), "{trail}");
    assert!(!trail.contains("⟦"), "an act without words: {trail}");
    for (language, said) in [("id", "Dokumen dibuat"), ("en", "Document made")] {
        let page = read(&person(&day, "auditor"), "/trail?kind=act", language);
        assert!(page.contains(said) && page.contains("document.made"), "{page}");
    }
}

#[test]
fn what_nobody_came_for_is_ended_on_the_page_of_the_round() {
    let day = Books::open(40, 124);
    let page = format!("/rounds/{}", day.round());
    let finance = person(&day, "finance");
    assert!(!read(&finance, &page, "id").contains("/expire"), "nothing is over yet");
    day.office.sql("UPDATE rounds SET opens_at = 1, closes_at = 2");
    let shown = read(&finance, &page, "id");
    assert!(shown.contains("Akhiri hak yang tidak diambil"), "{shown}");
    assert!(read(&finance, &page, "en").contains("End what was not collected"));
    assert!(!read(&person(&day, "auditor"), &page, "id").contains("/expire"), "who only reads is not offered it");
    let (status, _) = send(&finance, &format!("{page}/expire"), "confirm=", "id");
    assert_eq!(status, 422, "the box has to be ticked");
    let (status, told) = send(&finance, &format!("{page}/expire"), "confirm=yes", "id");
    let all: usize = day.points.values().map(Vec::len).sum();
    assert!(status == 200 && told.contains(&format!("{all} hak berakhir")), "{status}: {told}");
    let books = day.office.get("finance", &format!("/rounds/{}/reconciliation", day.round())).body;
    assert_eq!(books["entitlements"]["expired"].as_u64(), Some(all as u64), "{books}");
    assert_eq!(text(&books["budget"], "currency"), "IDR");
    assert!(!read(&finance, &page, "id").contains("/expire"), "and nothing is left to end");
}
