//! Ends a helper process when the test process ends, however that happens.
//!
//! A destructor does not run when the test process is killed, and a `static` is never dropped at all. The
//! kernel's own answer, `PR_SET_PDEATHSIG`, fires when the *thread* that started the child ends, which in a
//! test binary is long before the process does. What always happens is that the kernel closes the pipes of
//! a dead process: so a small shell waits for the end of its standard input, whose writing end only this
//! process holds (Rust opens it close-on-exec, no other child inherits it), and then kills.

use std::process::{Child, Command, Stdio};

#[derive(Debug)]
pub(crate) struct Leash(Child);

impl Leash {
    /// Kills the process `pid` when this process ends, unless the leash is taken off before.
    pub(crate) fn on(pid: u32) -> Self {
        use std::os::unix::process::CommandExt as _;
        let watcher = Command::new("sh")
            .args(["-c", r#"read -r word; [ "$word" = off ] || kill -9 -- "-$0" "$0" 2>/dev/null"#])
            .arg(pid.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C goes to the terminal's whole process group: the watcher must outlive it.
            .process_group(0)
            .spawn()
            .expect("sh is on every system that builds this");
        Self(watcher)
    }

    /// Called once the process is gone and waited for: its number may be somebody else's by now.
    pub(crate) fn take_off(mut self) {
        use std::io::Write as _;
        if let Some(mut pipe) = self.0.stdin.take() {
            let _ = pipe.write_all(b"off\n");
        }
        let _ = self.0.wait();
    }
}
