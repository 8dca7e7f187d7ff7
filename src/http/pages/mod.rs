//! Pages for people: plain HTML, plain forms, words in two languages. All but the desk's comfort works
//! without a script.

pub mod view;
