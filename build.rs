//! Tells cargo what is compiled into the binary beside Rust code: the migrations and, when node has
//! built it, the front end. It never runs npm and never touches the network.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=assets/dist");
    println!("cargo::rerun-if-changed=assets/words");
}
