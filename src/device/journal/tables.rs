//! The tables of the device's file.

diesel::table! {
    core (one) {
        one -> Integer,
        version -> BigInt,
        device_id -> Binary,
        epoch -> BigInt,
        seq -> BigInt,
        head_hash -> Binary,
        covered -> BigInt,
        seen_size -> BigInt,
        seen_root -> Binary,
        time_hwm -> BigInt,
        clock_was_reset -> Bool,
        contact_at -> BigInt,
        handed_out -> BigInt,
        brake_packages -> Nullable<BigInt>,
        brake_hours -> Nullable<BigInt>,
        stopped -> Nullable<Text>,
    }
}

diesel::table! {
    slots (entitlement_id) {
        entitlement_id -> Binary,
        hwm_epoch -> BigInt,
        hwm_counter -> BigInt,
        lease -> Text,
        lease_epoch -> BigInt,
        lease_counter -> BigInt,
        redemption_id -> Nullable<Binary>,
        ends_at -> BigInt,
        held -> Bool,
        untold -> Bool,
    }
}

diesel::table! {
    journal (seq) {
        seq -> BigInt,
        redemption_id -> Binary,
        entitlement_id -> Binary,
        hash -> Binary,
        signed -> Binary,
        claimed_at -> BigInt,
        shown -> Bool,
        answer -> Nullable<Text>,
        detail -> Nullable<Binary>,
    }
}

diesel::table! {
    attempts (attempt_id) {
        attempt_id -> Binary,
        at -> BigInt,
        verdict -> Text,
        entitlement_id -> Nullable<Binary>,
        operator_id -> Binary,
    }
}

diesel::table! {
    entries (entitlement_id) {
        entitlement_id -> Binary,
        round_id -> Binary,
        print_no -> BigInt,
        typed_code -> Text,
        sealed -> Binary,
    }
}

diesel::table! {
    rounds (round_id) {
        round_id -> Binary,
        begins_at -> BigInt,
        ends_at -> BigInt,
        content -> Text,
    }
}

diesel::table! {
    papers (name) {
        name -> Text,
        content -> Text,
    }
}

diesel::table! {
    carried (hash) {
        hash -> Binary,
        batch -> Binary,
    }
}
