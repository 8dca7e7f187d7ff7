//! A server that was set back, and a device that knows more than it.

use super::*;

#[test]
fn a_server_that_shows_less_than_before_is_shown_its_own_signature() {
    let world = World::new(1);
    let device = world.enrolled();
    let proof = || {
        let packed = device.lock().unwrap().pack(false).unwrap();
        token::parcel::Parcel::decode(&packed.bytes).unwrap().proof
    };
    let meet = |log: u64| {
        world.with(|central| central.log = log);
        talk::sync(&device, &world).unwrap();
    };
    meet(9);
    assert!(proof().is_empty(), "nothing is amiss");
    meet(5);
    let ring = token::KeyRing::of([world.with(|central| central.key.verifying_key())]).unwrap();
    let (_, reply) = token::reply::verify_reply(&proof(), &ring).unwrap();
    assert_eq!((reply.device, reply.cover.size), (DeviceId::from_bytes(DEVICE), 9));
    meet(10);
    assert!(proof().is_empty(), "it has found its memory");
}
