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
        proxy_times -> Integer,
        proxy_percent -> Integer,
        scans_per_minute -> Integer,
        stop_when_empty -> Bool,
        pin_signs -> Integer,
        pin_tries -> Integer,
        confirm_accounts -> Bool,
        idle_minutes -> Integer,
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
        desks -> Integer,
        session_size -> Integer,
        paused_reason -> Nullable<Text>,
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
        expires_at -> Nullable<BigInt>,
        made_by -> Nullable<Binary>,
        confirmed_by -> Nullable<Binary>,
        confirmed_at -> Nullable<BigInt>,
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
        keeper -> Text,
        tier -> Text,
        token_hash -> Nullable<Binary>,
        names_key_sealed -> Nullable<Binary>,
        written_off_at -> Nullable<BigInt>,
        forked -> Bool,
        answered_epoch -> Integer,
        highest -> BigInt,
        received -> BigInt,
        signed_claim -> BigInt,
        brake_packages -> Nullable<Integer>,
        brake_hours -> Nullable<Integer>,
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
        id -> Nullable<Binary>,
        address -> Text,
        seen_at -> Nullable<BigInt>,
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
        expires_at -> Nullable<BigInt>,
        used_at -> Nullable<BigInt>,
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
        compromised_since -> Nullable<BigInt>,
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
        nik_tail_index -> Nullable<Binary>,
        village_folded -> Text,
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
        desk_no -> Integer,
        placed_by_hand -> Bool,
        reason -> Text,
        evidence -> Text,
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
        sheet -> Text,
        members_left_out -> BigInt,
        headings -> Text,
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
        village -> Text,
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
        desk_no -> Integer,
        revoke_requested -> Nullable<Text>,
        hold_taken -> Bool,
        release_owed -> Bool,
        doubt_id -> Nullable<Binary>,
        replaced -> Bool,
        exception_of -> Nullable<Binary>,
        exception_no -> Integer,
    }
}

diesel::table! {
    former_codes (typed_code) {
        typed_code -> Text,
        entitlement_id -> Binary,
        print_no -> Integer,
    }
}

diesel::table! {
    exceptions (id) {
        id -> Binary,
        agency_id -> Binary,
        round_id -> Binary,
        first_id -> Binary,
        follows_id -> Binary,
        cause -> Text,
        case_id -> Nullable<Binary>,
        reason_sealed -> Binary,
        value_minor -> BigInt,
        state -> Text,
        proposed_by -> Binary,
        proposed_at -> BigInt,
        decided_by -> Nullable<Binary>,
        decided_at -> Nullable<BigInt>,
        note_sealed -> Nullable<Binary>,
        entitlement_id -> Nullable<Binary>,
    }
}

diesel::table! {
    exception_items (exception_id, code) {
        exception_id -> Binary,
        code -> Text,
        quantity -> BigInt,
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
        address -> Text,
    }
}

diesel::table! {
    places (agency_id, code) {
        agency_id -> Binary,
        code -> Text,
        village -> Text,
        sub_district -> Text,
        village_folded -> Text,
        sub_district_folded -> Text,
    }
}

diesel::table! {
    place_aliases (agency_id, sub_district_folded, village_folded) {
        agency_id -> Binary,
        sub_district_folded -> Text,
        village_folded -> Text,
        sub_district_written -> Text,
        village_written -> Text,
        code -> Text,
        confirmed_by -> Binary,
        confirmed_at -> BigInt,
    }
}

diesel::table! {
    parked_uploads (id) {
        id -> Binary,
        programme_id -> Binary,
        file_name -> Text,
        file_sealed -> Binary,
        parked_by -> Binary,
        parked_at -> BigInt,
    }
}

diesel::table! {
    household_versions (id) {
        id -> Binary,
        household_id -> Binary,
        intake_id -> Binary,
        row_number -> Integer,
        particulars_sealed -> Binary,
        changed_by -> Binary,
        changed_at -> BigInt,
    }
}

diesel::table! {
    household_words (agency_id, word, household_id) {
        agency_id -> Binary,
        word -> Text,
        household_id -> Binary,
    }
}

diesel::table! {
    decisions (id) {
        id -> Binary,
        programme_id -> Binary,
        household_id -> Binary,
        standing -> Text,
        reason -> Text,
        evidence -> Text,
        intake_id -> Nullable<Binary>,
        decided_by -> Binary,
        decided_at -> BigInt,
    }
}

diesel::table! {
    suspicions (id) {
        id -> Binary,
        programme_id -> Binary,
        kind -> Text,
        household_id -> Binary,
        other_id -> Binary,
        state -> Text,
        note -> Text,
        found_at -> BigInt,
        decided_by -> Nullable<Binary>,
        decided_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    substitutions (id) {
        id -> Binary,
        programme_id -> Binary,
        old_household_id -> Binary,
        new_household_id -> Binary,
        reason -> Text,
        statement_no -> Text,
        statement_date -> Text,
        note -> Text,
        state -> Text,
        proposed_by -> Binary,
        proposed_at -> BigInt,
        decided_by -> Nullable<Binary>,
        decided_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    lists (id) {
        id -> Binary,
        programme_id -> Binary,
        number -> Integer,
        decree_no -> Text,
        decree_date -> Text,
        households -> BigInt,
        fixed_by -> Binary,
        fixed_at -> BigInt,
    }
}

diesel::table! {
    list_members (list_id, household_id) {
        list_id -> Binary,
        household_id -> Binary,
        point_id -> Nullable<Binary>,
    }
}

diesel::table! {
    budget_revisions (programme_id, number) {
        programme_id -> Binary,
        number -> Integer,
        ceiling_minor -> BigInt,
        document_no -> Text,
        document_date -> Nullable<Text>,
        reason -> Text,
        revised_by -> Binary,
        revised_at -> BigInt,
    }
}

diesel::table! {
    point_villages (point_id, village_code) {
        point_id -> Binary,
        village_code -> Text,
    }
}

diesel::table! {
    point_windows (round_id, point_id) {
        round_id -> Binary,
        point_id -> Binary,
        opens_at -> BigInt,
        closes_at -> BigInt,
        reason -> Text,
        set_by -> Binary,
        set_at -> BigInt,
    }
}

diesel::table! {
    pauses (id) {
        id -> Binary,
        agency_id -> Binary,
        scope -> Text,
        object_id -> Binary,
        letter_no -> Text,
        reason -> Text,
        paused_by -> Binary,
        paused_at -> BigInt,
        resumed_letter_no -> Nullable<Text>,
        resumed_by -> Nullable<Binary>,
        resumed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    bundles (id) {
        id -> Binary,
        round_id -> Binary,
        point_id -> Binary,
        number -> Integer,
        code -> Text,
        village -> Text,
        rt -> Text,
        vouchers -> Integer,
        first_serial -> Integer,
        last_serial -> Integer,
        prepared_by -> Binary,
        prepared_at -> BigInt,
    }
}

diesel::table! {
    bundle_vouchers (entitlement_id) {
        entitlement_id -> Binary,
        bundle_id -> Binary,
        serial -> Integer,
    }
}

diesel::table! {
    custody_steps (id) {
        id -> Binary,
        bundle_id -> Binary,
        step -> Text,
        vouchers -> Integer,
        holder -> Text,
        note -> Text,
        recorded_by -> Binary,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    reprints (id) {
        id -> Binary,
        entitlement_id -> Binary,
        round_id -> Binary,
        old_print_no -> Integer,
        new_print_no -> Nullable<Integer>,
        cause -> Text,
        reason -> Text,
        sheet_kept -> Bool,
        requested_by -> Binary,
        requested_at -> BigInt,
        approved_by -> Nullable<Binary>,
        approved_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    absences (id) {
        id -> Binary,
        entitlement_id -> Binary,
        reason -> Text,
        follow_up -> Text,
        noted_by -> Binary,
        noted_at -> BigInt,
    }
}

diesel::table! {
    documents (id) {
        id -> Binary,
        round_id -> Binary,
        kind -> Text,
        serial -> Integer,
        number -> Text,
        point_id -> Nullable<Binary>,
        session_no -> Nullable<Integer>,
        cut_off -> BigInt,
        lines -> Integer,
        content_sealed -> Binary,
        hash -> Binary,
        made_by -> Binary,
        made_at -> BigInt,
        people -> Nullable<Binary>,
    }
}

diesel::table! {
    signature_titles (agency_id, kind, position) {
        agency_id -> Binary,
        kind -> Text,
        position -> Integer,
        caption -> Text,
        title -> Text,
        name -> Text,
        name_no -> Text,
    }
}

diesel::table! {
    print_jobs (id) {
        id -> Binary,
        agency_id -> Binary,
        round_id -> Binary,
        requested_by -> Binary,
        point_code -> Nullable<Text>,
        layout -> Text,
        language -> Text,
        state -> Text,
        total -> BigInt,
        done -> BigInt,
        parts -> Integer,
        after_id -> Nullable<Binary>,
        after_serial -> BigInt,
        reason -> Nullable<Text>,
        runner -> Nullable<Binary>,
        beat_at -> Nullable<BigInt>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    second_factors (user_id) {
        user_id -> Binary,
        secret_sealed -> Binary,
        created_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
        step -> BigInt,
    }
}

diesel::table! {
    recovery_codes (user_id, code_hash) {
        user_id -> Binary,
        code_hash -> Binary,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    invitations (id) {
        id -> Binary,
        secret_hash -> Binary,
        agency_id -> Binary,
        name -> Text,
        role -> Text,
        point_id -> Nullable<Binary>,
        invited_by -> Binary,
        created_at -> BigInt,
        expires_at -> BigInt,
        account_expires_at -> Nullable<BigInt>,
        used_at -> Nullable<BigInt>,
        user_id -> Nullable<Binary>,
    }
}

diesel::table! {
    key_requests (id) {
        id -> Binary,
        agency_id -> Binary,
        kid -> Binary,
        compromised_since -> Nullable<BigInt>,
        reason -> Text,
        requested_by -> Binary,
        requested_at -> BigInt,
        approved_by -> Nullable<Binary>,
        approved_at -> Nullable<BigInt>,
        new_kid -> Nullable<Binary>,
    }
}

diesel::table! {
    legal_holds (id) {
        id -> Binary,
        agency_id -> Binary,
        document_no -> Text,
        reason -> Text,
        set_by -> Binary,
        set_at -> BigInt,
        lifted_by -> Nullable<Binary>,
        lifted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    erasures (household_id) {
        household_id -> Binary,
        erased_by -> Binary,
        erased_at -> BigInt,
    }
}

diesel::table! {
    cases (id) {
        id -> Binary,
        agency_id -> Binary,
        natural_key -> Text,
        kind -> Text,
        state -> Text,
        round_id -> Nullable<Binary>,
        point_id -> Nullable<Binary>,
        entitlement_id -> Nullable<Binary>,
        device_id -> Nullable<Binary>,
        detail_sealed -> Binary,
        evidence -> Text,
        opened_by -> Nullable<Binary>,
        opened_at -> BigInt,
        owner_id -> Nullable<Binary>,
        outcome -> Nullable<Text>,
        posting_minor -> BigInt,
        extra_packages -> BigInt,
        proposed_by -> Nullable<Binary>,
        proposed_at -> Nullable<BigInt>,
        decided_by -> Nullable<Binary>,
        decided_at -> Nullable<BigInt>,
        closed_by -> Nullable<Binary>,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    case_steps (id) {
        id -> Binary,
        case_id -> Binary,
        step -> Text,
        text_sealed -> Binary,
        taken_by -> Nullable<Binary>,
        taken_at -> BigInt,
    }
}

diesel::table! {
    enrolments (id) {
        id -> Binary,
        agency_id -> Binary,
        point_id -> Binary,
        name -> Text,
        code_hash -> Binary,
        secret_hash -> Binary,
        brake_packages -> Nullable<Integer>,
        brake_hours -> Nullable<Integer>,
        created_by -> Binary,
        created_at -> BigInt,
        code_expires_at -> BigInt,
        expires_at -> BigInt,
        device_id -> Nullable<Binary>,
    }
}

diesel::table! {
    device_operators (device_id, user_id) {
        device_id -> Binary,
        user_id -> Binary,
        granted_at -> BigInt,
    }
}

diesel::table! {
    device_receipts (hash) {
        hash -> Binary,
        device_id -> Binary,
        seq -> BigInt,
        first_there -> Bool,
        prev_hash -> Binary,
        redemption_id -> Binary,
        entitlement_id -> Binary,
        conflict -> Nullable<Text>,
        receipt -> Binary,
        received_at -> BigInt,
    }
}

diesel::table! {
    lease_evidence (id) {
        id -> Binary,
        at -> BigInt,
        kind -> Text,
        device_id -> Nullable<Binary>,
        entitlement_id -> Nullable<Binary>,
        seq -> Nullable<BigInt>,
        detail -> Text,
        bytes -> Nullable<Binary>,
        digest -> Binary,
    }
}

diesel::table! {
    resync_pages (device_id, epoch, page) {
        device_id -> Binary,
        epoch -> Integer,
        page -> Integer,
        signed -> Binary,
    }
}

diesel::table! {
    write_offs (device_id) {
        device_id -> Binary,
        asked_by -> Binary,
        asked_at -> BigInt,
        reason -> Text,
        agreed_by -> Nullable<Binary>,
        agreed_at -> Nullable<BigInt>,
        unresolved -> Nullable<BigInt>,
    }
}

diesel::table! {
    owed_facts (id) {
        id -> Binary,
        record -> Binary,
    }
}

diesel::table! {
    contracts (id) {
        id -> Binary,
        programme_id -> Binary,
        number -> Text,
        supplier -> Text,
        signed_on -> Text,
        price_evidence -> Text,
        made_by -> Binary,
        made_at -> BigInt,
    }
}

diesel::table! {
    contract_lines (contract_id, item) {
        contract_id -> Binary,
        item -> Text,
        name -> Text,
        unit -> Text,
        quantity -> BigInt,
        pack_name -> Text,
        pack_size -> BigInt,
        pack_price_minor -> BigInt,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Binary,
        contract_id -> Binary,
        document_no -> Text,
        delivered_on -> Text,
        received_by -> Binary,
        received_at -> BigInt,
    }
}

diesel::table! {
    delivery_lines (delivery_id, item) {
        delivery_id -> Binary,
        item -> Text,
        good -> BigInt,
        damaged -> BigInt,
        short -> BigInt,
    }
}

diesel::table! {
    delivery_samples (delivery_id, position) {
        delivery_id -> Binary,
        position -> Integer,
        item -> Text,
        labelled -> BigInt,
        found -> BigInt,
        condition -> Text,
        decision -> Text,
    }
}

diesel::table! {
    shipments (id) {
        id -> Binary,
        programme_id -> Binary,
        round_id -> Binary,
        number -> Integer,
        from_point_id -> Nullable<Binary>,
        to_point_id -> Nullable<Binary>,
        vehicle -> Text,
        driver -> Text,
        seal -> Text,
        note -> Text,
        sent_by -> Binary,
        sent_at -> BigInt,
        receipt_note -> Text,
        received_by -> Nullable<Binary>,
        received_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    shipment_lines (shipment_id, item) {
        shipment_id -> Binary,
        item -> Text,
        sent -> BigInt,
        good -> BigInt,
        damaged -> BigInt,
    }
}

diesel::table! {
    stock_entries (id) {
        id -> Binary,
        programme_id -> Binary,
        round_id -> Binary,
        point_id -> Nullable<Binary>,
        item -> Text,
        kind -> Text,
        quantity -> BigInt,
        reason -> Text,
        made_by -> Binary,
        made_at -> BigInt,
        agreed_by -> Nullable<Binary>,
        agreed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    stock_counts (id) {
        id -> Binary,
        programme_id -> Binary,
        round_id -> Binary,
        point_id -> Nullable<Binary>,
        item -> Text,
        counted -> BigInt,
        computed -> BigInt,
        note -> Text,
        counted_by -> Binary,
        counted_at -> BigInt,
    }
}

diesel::table! {
    invoices (id) {
        id -> Binary,
        contract_id -> Binary,
        number -> Text,
        number_key -> Text,
        dated_on -> Text,
        amount_minor -> BigInt,
        made_by -> Binary,
        made_at -> BigInt,
    }
}

diesel::table! {
    invoice_deliveries (delivery_id) {
        delivery_id -> Binary,
        invoice_id -> Binary,
    }
}

diesel::table! {
    invoice_withdrawals (id) {
        id -> Binary,
        invoice_id -> Binary,
        reason -> Text,
        asked_by -> Binary,
        asked_at -> BigInt,
        agreed -> Nullable<Bool>,
        decided_by -> Nullable<Binary>,
        decided_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    withdrawn_deliveries (invoice_id, delivery_id) {
        invoice_id -> Binary,
        delivery_id -> Binary,
    }
}

diesel::table! {
    payments (id) {
        id -> Binary,
        programme_id -> Binary,
        sp2d_no -> Text,
        sp2d_key -> Text,
        paid_on -> Text,
        amount_minor -> BigInt,
        payee -> Text,
        invoice_no -> Text,
        invoice_id -> Nullable<Binary>,
        file_name -> Text,
        imported_by -> Binary,
        imported_at -> BigInt,
        matched_by -> Nullable<Binary>,
        matched_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    closings (id) {
        id -> Binary,
        round_id -> Binary,
        point_id -> Nullable<Binary>,
        day -> Nullable<Text>,
        scope -> Text,
        addendum_no -> Integer,
        serial -> Integer,
        number -> Text,
        state -> Text,
        cut_off -> BigInt,
        figures -> Text,
        hash -> Binary,
        reason -> Text,
        made_by -> Binary,
        made_at -> BigInt,
        signed_by -> Nullable<Binary>,
        signed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    saved_filters (id) {
        id -> Binary,
        user_id -> Binary,
        page -> Text,
        name -> Text,
        query -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    spot_checks (id) {
        id -> Binary,
        round_id -> Binary,
        seed -> Text,
        population -> BigInt,
        size -> Integer,
        drawn_by -> Binary,
        drawn_at -> BigInt,
    }
}

diesel::table! {
    spot_check_lines (spot_check_id, position) {
        spot_check_id -> Binary,
        position -> Integer,
        entitlement_id -> Binary,
        found -> Text,
        note -> Text,
        entered_by -> Nullable<Binary>,
        entered_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    log_leaves (serial) {
        serial -> BigInt,
        leaf_index -> Nullable<BigInt>,
        entry -> Binary,
        entitlement_id -> Nullable<Binary>,
        device_id -> Nullable<Binary>,
        actor_id -> Nullable<Binary>,
        redemption_id -> Nullable<Binary>,
        subject -> Nullable<Binary>,
    }
}

diesel::table! {
    log_salts (leaf_serial) {
        leaf_serial -> BigInt,
        salt -> Binary,
    }
}

diesel::table! {
    log_tiles (level, number) {
        level -> Integer,
        number -> BigInt,
        hashes -> Binary,
    }
}

diesel::table! {
    log_checkpoints (size) {
        size -> BigInt,
        root -> Binary,
        note -> Text,
        signed_at -> BigInt,
    }
}

diesel::allow_columns_to_appear_in_same_group_by_clause!(shipments::from_point_id, shipment_lines::item);
diesel::allow_columns_to_appear_in_same_group_by_clause!(shipments::to_point_id, shipment_lines::item);
diesel::allow_columns_to_appear_in_same_group_by_clause!(redemptions::point_id, redemption_items::code);
diesel::allow_columns_to_appear_in_same_group_by_clause!(entitlements::point_id, households::vulnerabilities);

diesel::allow_tables_to_appear_in_same_query!(
    absences,
    agencies,
    attempts,
    audit,
    beneficiaries,
    budget_revisions,
    bundle_vouchers,
    bundles,
    case_steps,
    cases,
    closings,
    contract_lines,
    contracts,
    custody_steps,
    decisions,
    deliveries,
    delivery_lines,
    delivery_samples,
    device_operators,
    device_receipts,
    devices,
    documents,
    enrolments,
    entitlements,
    erasures,
    exception_items,
    exceptions,
    household_versions,
    household_words,
    households,
    installation,
    intake_rows,
    intakes,
    invitations,
    invoice_deliveries,
    invoice_withdrawals,
    invoices,
    key_requests,
    keys,
    lease_evidence,
    legal_holds,
    list_members,
    lists,
    log_checkpoints,
    log_leaves,
    log_salts,
    log_tiles,
    owed_facts,
    package_items,
    packages,
    parked_uploads,
    pauses,
    payments,
    place_aliases,
    places,
    point_villages,
    point_windows,
    points,
    print_jobs,
    programmes,
    recovery_codes,
    redemption_items,
    redemptions,
    reprints,
    resync_pages,
    rounds,
    second_factors,
    sessions,
    shipment_lines,
    shipments,
    sign_ins,
    signature_titles,
    spot_check_lines,
    spot_checks,
    stock_counts,
    stock_entries,
    substitutions,
    suspicions,
    tokens,
    users,
    withdrawn_deliveries,
    write_offs,
);
