//! The tables as diesel sees them. `tests/suite/schema.rs` compares them with both databases.

diesel::table! {
    installation (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    agencies (id) {
        id -> Binary,
        code -> Text,
        government -> Text,
        name -> Text,
        address -> Text,
        hotline -> Text,
        zone -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    points (id) {
        id -> Binary,
        agency_id -> Binary,
        number -> Integer,
        code -> Text,
        name -> Text,
        sub_district -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> Binary,
        agency_id -> Binary,
        username -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        point_id -> Nullable<Binary>,
        created_at -> BigInt,
        disabled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    devices (id) {
        id -> Binary,
        agency_id -> Binary,
        number -> Integer,
        name -> Text,
        point_id -> Binary,
        kid -> Binary,
        public_key -> Binary,
        key_sealed -> Nullable<Binary>,
        seq -> BigInt,
        head_hash -> Binary,
        created_at -> BigInt,
        last_contact_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sign_ins (secret_hash) {
        secret_hash -> Binary,
        user_id -> Binary,
        device_id -> Nullable<Binary>,
        csrf -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    tokens (id) {
        id -> Binary,
        secret_hash -> Binary,
        user_id -> Binary,
        device_id -> Nullable<Binary>,
        name -> Text,
        created_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    programmes (id) {
        id -> Binary,
        agency_id -> Binary,
        code -> Text,
        name -> Text,
        account_code -> Text,
        account_name -> Text,
        decree_no -> Text,
        decree_date -> Nullable<Text>,
        currency -> Text,
        ceiling_minor -> BigInt,
        obligated_minor -> BigInt,
        paused_reason -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    packages (id) {
        id -> Binary,
        programme_id -> Binary,
        code -> Text,
        version -> Integer,
        name -> Text,
        value_minor -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    package_items (package_id, position) {
        package_id -> Binary,
        position -> Integer,
        code -> Text,
        name -> Text,
        unit -> Text,
        quantity -> BigInt,
        pack_name -> Text,
        pack_size -> BigInt,
        pack_price_minor -> BigInt,
    }
}

diesel::table! {
    rounds (id) {
        id -> Binary,
        programme_id -> Binary,
        number -> Integer,
        name -> Text,
        package_id -> Binary,
        opens_at -> BigInt,
        closes_at -> BigInt,
        issued_at -> Nullable<BigInt>,
        paused_reason -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> Binary,
        round_id -> Binary,
        point_id -> Binary,
        number -> Integer,
        starts_at -> BigInt,
        ends_at -> BigInt,
    }
}

diesel::table! {
    keys (kid) {
        kid -> Binary,
        purpose -> Text,
        round_id -> Nullable<Binary>,
        public_key -> Binary,
        key_sealed -> Binary,
        created_at -> BigInt,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    households (id) {
        id -> Binary,
        agency_id -> Binary,
        source_id -> Text,
        name -> Text,
        name_folded -> Text,
        sex -> Nullable<Text>,
        relation -> Text,
        rt -> Text,
        village_code -> Text,
        village -> Text,
        sub_district -> Text,
        decile -> Nullable<Integer>,
        civil_match -> Nullable<Bool>,
        vulnerabilities -> Text,
        note -> Text,
        nik_sealed -> Nullable<Binary>,
        nik_index -> Nullable<Binary>,
        family_card_sealed -> Nullable<Binary>,
        family_card_index -> Nullable<Binary>,
        address_sealed -> Binary,
        birth_date_sealed -> Nullable<Binary>,
        entered_by -> Binary,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    beneficiaries (programme_id, household_id) {
        programme_id -> Binary,
        household_id -> Binary,
        standing -> Text,
        point_id -> Nullable<Binary>,
        session_no -> Integer,
        package_code -> Text,
        approved_by -> Binary,
        approved_at -> BigInt,
    }
}

diesel::table! {
    intakes (id) {
        id -> Binary,
        programme_id -> Binary,
        file_name -> Text,
        file_hash -> Binary,
        ignored_columns -> Text,
        rows_new -> BigInt,
        rows_changed -> BigInt,
        rows_same -> BigInt,
        rows_rejected -> BigInt,
        warnings -> BigInt,
        uploaded_by -> Binary,
        uploaded_at -> BigInt,
        applied_by -> Nullable<Binary>,
        applied_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    intake_rows (intake_id, number) {
        intake_id -> Binary,
        number -> Integer,
        source_id -> Text,
        outcome -> Text,
        findings -> Text,
        particulars_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    entitlements (id) {
        id -> Binary,
        round_id -> Binary,
        household_id -> Binary,
        point_id -> Binary,
        session_no -> Integer,
        value_minor -> BigInt,
        state -> Text,
        fence_epoch -> Integer,
        fence_counter -> BigInt,
        holder_id -> Nullable<Binary>,
        print_no -> Integer,
        typed_code -> Text,
        held_reason -> Nullable<Text>,
        revoked_reason -> Nullable<Text>,
        issued_by -> Binary,
        issued_at -> BigInt,
    }
}

diesel::table! {
    redemptions (id) {
        id -> Binary,
        entitlement_id -> Binary,
        round_id -> Binary,
        point_id -> Binary,
        device_id -> Binary,
        operator_id -> Binary,
        seq -> BigInt,
        number -> Text,
        collector_kind -> Text,
        collector_relation -> Nullable<Text>,
        collector_name_sealed -> Nullable<Binary>,
        collector_name_salt -> Nullable<Binary>,
        id_seen -> Bool,
        paper -> Text,
        paper_reason -> Nullable<Text>,
        short -> Bool,
        value_minor -> BigInt,
        scanned_at -> BigInt,
        received_at -> BigInt,
        day -> Text,
        request_hash -> Binary,
        receipt -> Binary,
        receipt_hash -> Binary,
    }
}

diesel::table! {
    redemption_items (redemption_id, code) {
        redemption_id -> Binary,
        code -> Text,
        quantity -> BigInt,
    }
}

diesel::table! {
    attempts (id) {
        id -> Binary,
        at -> BigInt,
        agency_id -> Binary,
        kind -> Text,
        outcome -> Text,
        user_id -> Binary,
        device_id -> Nullable<Binary>,
        point_id -> Nullable<Binary>,
        entitlement_id -> Nullable<Binary>,
        redemption_id -> Nullable<Binary>,
        print_no -> Nullable<Integer>,
    }
}

diesel::table! {
    audit (id) {
        id -> Binary,
        at -> BigInt,
        agency_id -> Nullable<Binary>,
        user_id -> Nullable<Binary>,
        event -> Text,
        object -> Text,
        detail -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    installation,
    agencies,
    points,
    users,
    devices,
    sign_ins,
    tokens,
    programmes,
    packages,
    package_items,
    rounds,
    sessions,
    keys,
    households,
    beneficiaries,
    intakes,
    intake_rows,
    entitlements,
    redemptions,
    redemption_items,
    attempts,
    audit,
);
