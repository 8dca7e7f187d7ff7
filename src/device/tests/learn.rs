//! What a device hears from the server after its enrolment.

use super::*;

#[test]
fn a_device_learns_the_keys_and_the_names_of_rounds_that_come_later() {
    let world = World::new(2);
    let device = world.enrolled();
    let claims = Claims { entitlement: of(1), round: 2, point: 12, print: 2 };
    let code = world.with(|central| {
        central.issuer = SigningKey::from_seed(&[23; 32]);
        central.hosts = vec!["baru.example.go.id".into(), "lama.example.go.id".into()];
        token::qr_text(Some("lama.example.go.id"), &token::sign(&central.issuer, &claims))
    });
    let verdict = |device: &Mutex<Device>| device.lock().unwrap().verify(&code).unwrap().verdict;
    assert_eq!(verdict(&device), Verdict::Foreign, "neither the key nor the name is known yet");
    talk::lease(&device, &world, &Scope::default()).unwrap();
    world.with(|central| central.down = true);
    assert_eq!(verdict(&device), Verdict::Valid);
    drop(device);
    assert_eq!(verdict(&Mutex::new(world.open().unwrap())), Verdict::Valid, "also after it was off");
}
