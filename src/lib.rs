//! Salur: signed QR vouchers for aid distribution points.
//!
//! A district office enters households, issues each a signed QR voucher on paper, and its warehouse staff
//! redeem every voucher at most once. Each handout leaves a signed receipt; finance sees the round close
//! against its budget.
//!
//! # The house
//!
//! ```text
//!             main ── cli ─┐
//!                          ├──► service ──► store ──► domain
//!             http ────────┘       │                    ▲
//!                                  ├──► pdf ────────────┤
//!                                  ├──► spreadsheet ────┤   these stand on domain alone:
//!                                  ├──► token ◄──┐ ─────┤   no store, no http, no cli
//!                                  ├──► transparency    │   (the log signs with the token's keys)
//!                                  ├──► vault ──────────┤
//!                                  └──► outside ────────┘
//!    cli ──► device: the other side of the lease protocol. It stands on domain, token and vault, has a
//!    file of its own, and knows neither the store nor a service.
//!    wire: how device and service call other servers.
//!    words, refusals: what people read; used by http and cli.
//!    config, clock, telemetry: built in main, handed down.
//! ```
//!
//! | room | what it is |
//! |---|---|
//! | [`domain`] | types, states and rules; pure, without I/O, clock or randomness |
//! | [`token`] | the signed voucher and the signed receipt: claims, COSE, keys, the text of the QR |
//! | [`transparency`] | the log from which nothing can vanish: tree, tiles, checkpoints, proofs, replay |
//! | [`vault`] | seals personal data and private keys; blind indexes; the key file |
//! | [`spreadsheet`] | files of households in, tables out |
//! | [`pdf`] | paper: voucher sheets and receipts |
//! | [`outside`] | the facts that no restore of the database touches: a file that only grows |
//! | [`wire`] | calls to other servers, with TLS |
//! | [`store`] | SQL, one aggregate a file; the only place that knows diesel |
//! | [`service`] | what the office does: one function an action, the actor first |
//! | [`device`] | a desk without network: leases, handouts and a journal in a file of its own |
//! | [`http`] | the JSON API and the pages: parse, ask a service, shape the answer |
//! | [`cli`] | the same services for a terminal |
//!
//! Dependencies point one way, and `tests/tidy.rs` holds them to it. A newcomer reads
//! [`domain::redemption`] (what decides), `service/redeem` (how it is done once) and `http/server.rs`
//! (where it is called from), in this order. The manual is in [`manual`].
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod cli;
pub mod clock;
pub mod config;
pub mod device;
pub mod domain;
pub mod http;
pub mod outside;
pub mod pdf;
pub mod refusals;
pub mod service;
pub mod spreadsheet;
pub mod store;
pub mod telemetry;
pub mod token;
pub mod transparency;
pub mod vault;
pub mod wire;
pub mod words;

/// The manual.
pub mod manual {
    #[doc = include_str!("manual/concepts.md")]
    pub mod concepts {}
    #[doc = include_str!("manual/operate.md")]
    pub mod operate {}
    #[doc = include_str!("manual/cluster.md")]
    pub mod cluster {}
    #[doc = include_str!("manual/backup.md")]
    pub mod backup {}
    #[doc = include_str!("manual/decisions.md")]
    pub mod decisions {}
    #[doc = include_str!("manual/asvs.md")]
    pub mod asvs {}
    #[doc = include_str!("manual/offline.md")]
    pub mod offline {}
    #[doc = include_str!("manual/scanner.md")]
    pub mod scanner {}
    #[doc = include_str!("manual/books.md")]
    pub mod books {}
    #[doc = include_str!("manual/audit.md")]
    pub mod audit {}
}
