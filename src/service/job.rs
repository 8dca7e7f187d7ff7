//! Print runs too long to wait for: asked for, worked on part after part, fetched as one file.
//!
//! A server has one runner. It takes a job by a conditional update and holds it by the beat of its heart, so
//! that of several servers only one works on it, and another takes over when that one is gone. After each
//! part the place is written down: what resumes after a restart is the next part, not the whole. The parts
//! lie in the installation's folder, for its owner's eyes alone, and for a day.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::document::packed;
use super::{Actor, Error, Office, Refusal, Wish, programme};
use crate::domain::audit::Event;
use crate::domain::id::{JobId, RoundId, RunnerId};
use crate::domain::job::{Job, JobState, KEPT_MS, Mark, SILENCE_MAX_MS};
use crate::domain::role::Action;
use crate::domain::time::{Timestamp, Zone};
use crate::pdf::voucher_sheet::Layout;
use crate::store;

/// How long a runner that has nothing to do waits before it looks for the jobs of other servers.
const IDLE: Duration = Duration::from_secs(3);
/// How many jobs of a round are shown.
const SHOWN: i64 = 20;

/// Where jobs put what they make, and the bell that wakes the runner.
#[derive(Debug)]
pub(super) struct Bench {
    folder: PathBuf,
    rung: Mutex<bool>,
    bell: Condvar,
}

impl Bench {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, rung: Mutex::new(false), bell: Condvar::new() }
    }

    fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_all();
    }

    /// Waits until somebody rings, or for a while.
    fn wait(&self) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rung, _) =
            self.bell.wait_timeout_while(rung, IDLE, |rung| !*rung).unwrap_or_else(PoisonError::into_inner);
        *rung = false;
    }

    fn of(&self, job: JobId) -> PathBuf {
        self.folder.join(job.to_string())
    }

    fn part(&self, job: JobId, part: i32) -> PathBuf {
        self.of(job).join(part_name(part))
    }

    fn result(&self, job: JobId) -> PathBuf {
        self.of(job).join("kupon.zip")
    }

    /// Writes a file that only its owner may read: whole, or not at all.
    fn keep(&self, job: JobId, path: &Path, fill: impl FnOnce(File) -> io::Result<File>) -> io::Result<()> {
        private_folder(&self.folder)?;
        private_folder(&self.of(job))?;
        let unfinished = path.with_extension("new");
        drop(fs::remove_file(&unfinished));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        fill(options.open(&unfinished)?)?.sync_all()?;
        fs::rename(&unfinished, path)
    }

    fn remove(&self, job: JobId) {
        let _ = fs::remove_dir_all(self.of(job));
    }

    /// Lays the parts of a job into one file and removes them.
    fn bind(&self, job: &Job, (now, zone): (Timestamp, Zone)) -> io::Result<()> {
        self.keep(job.id, &self.result(job.id), |file| {
            let mut zip = zip::ZipWriter::new(file);
            let plain = packed(now, zone).compression_method(zip::CompressionMethod::Stored);
            for part in 1..=job.parts {
                zip.start_file(part_name(part), plain)?;
                io::copy(&mut File::open(self.part(job.id, part))?, &mut zip)?;
            }
            Ok(zip.finish()?)
        })?;
        for part in 1..=job.parts {
            fs::remove_file(self.part(job.id, part))?;
        }
        Ok(())
    }
}

fn part_name(part: i32) -> String {
    format!("kupon-{part:04}.pdf")
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn broken(fault: &io::Error) -> Error {
    Error::Broken(format!("the folder of print jobs: {fault}"))
}

impl Office {
    fn bench(&self) -> Result<&Bench, Error> {
        self.jobs.as_deref().ok_or_else(|| Error::Broken("this office has no folder for print jobs".into()))
    }

    /// Asks for a print run that the server does by itself. Whoever asks twice for the same gets the job that
    /// is under way.
    pub fn request_print(&self, actor: &Actor, round: RoundId, wish: Wish) -> Result<Job, Error> {
        let run = self.plan_print(actor, round, wish.clone())?;
        let bench = self.bench()?;
        let now = self.now();
        let id = self.new_id(JobId::by_time)?;
        let job = self.pool.write("request_print", |tx| -> Result<_, Error> {
            let same = |job: &Job| {
                job.requested_by == actor.user
                    && job.point == wish.point
                    && job.layout == wish.layout.as_str()
                    && job.language == wish.language_name()
            };
            if let Some(under_way) = store::jobs::open_of_round(tx, round)?.into_iter().find(same) {
                return Ok(under_way);
            }
            let job = Job {
                id,
                agency: actor.agency,
                round,
                requested_by: actor.user,
                point: wish.point.clone(),
                layout: wish.layout.as_str().to_owned(),
                language: wish.language_name().to_owned(),
                state: JobState::Waiting,
                total: run.count,
                done: 0,
                parts: 0,
                mark: Mark::default(),
                reason: None,
                created_at: now,
                finished_at: None,
            };
            store::jobs::insert(tx, &job)?;
            self.record(tx, actor.who(), Event::PrintRequested, id, format!("{} {}", run.count, job.layout))?;
            Ok(job)
        })?;
        bench.ring();
        Ok(job)
    }

    /// A print job of the actor's agency.
    pub fn print_job(&self, actor: &Actor, id: JobId) -> Result<Job, Error> {
        actor.must(Action::ReadVouchers)?;
        let job = self.pool.read(|conn| store::jobs::find(conn, id))?.ok_or(Refusal::NotFound("job"))?;
        actor.must_own(job.agency, "job")?;
        Ok(job)
    }

    /// The newest print jobs of a round.
    pub fn print_jobs(&self, actor: &Actor, round: RoundId) -> Result<Vec<Job>, Error> {
        actor.must(Action::ReadVouchers)?;
        self.pool.read(|conn| {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            Ok(store::jobs::of_round(conn, round.id, SHOWN)?)
        })
    }

    /// Calls a print job off and removes what it made. Calling off what has ended changes nothing.
    pub fn cancel_print(&self, actor: &Actor, id: JobId) -> Result<Job, Error> {
        let job = self.print_job(actor, id)?;
        let bench = self.bench()?;
        let now = self.now();
        let ended = self.pool.write("cancel_print", |tx| -> Result<_, Error> {
            let ended = store::jobs::cancel(tx, id, now)?;
            if ended {
                self.record(tx, actor.who(), Event::PrintCancelled, id, format!("{} of {}", job.done, job.total))?;
            }
            Ok(ended)
        })?;
        if ended {
            bench.remove(id);
        }
        self.print_job(actor, id)
    }

    /// The file that a job made, and how many bytes it has. The look is on record.
    pub fn print_result(&self, actor: &Actor, id: JobId) -> Result<(File, u64), Error> {
        let job = self.print_job(actor, id)?;
        if job.state != JobState::Done {
            return Err(Refusal::JobNotDone(job.state).into());
        }
        // With several servers the file lies at the one that did the work, unless they share the folder.
        let opened = File::open(self.bench()?.result(id)).map_err(|_| Refusal::NotFound("job result"))?;
        let length = opened.metadata().map_err(|fault| broken(&fault))?.len();
        self.record_look(actor, Event::VouchersPrinted, job.round, format!("fetched {} of job {id}", job.done))?;
        Ok((opened, length))
    }

    /// Takes a job that nobody works on and does it to its end; false when there was none. `stop` is asked
    /// between two parts: then the job is let go for the next start.
    pub fn run_one_job(&self, stop: &dyn Fn() -> bool) -> Result<bool, Error> {
        let bench = self.bench()?;
        let runner = RunnerId::random(self.draw()?);
        let now = self.now();
        let silent = now.plus_millis(-SILENCE_MAX_MS);
        let claimed = self.pool.write("claim_job", |tx| store::jobs::claim(tx, runner, now, silent))?;
        let Some(mut job) = claimed else { return Ok(false) };
        // What another server made lies with that server: without it the work begins anew.
        if (1..=job.parts).any(|part| !bench.part(job.id, part).exists()) {
            (job.mark, job.done, job.parts) = (Mark::default(), 0, 0);
        }
        match self.work(bench, runner, &mut job, stop) {
            Ok(()) => {}
            Err(Error::Refused(refusal)) => {
                let reason = match *refusal {
                    // Told later in the language of whoever asks.
                    Refusal::Unprintable(what) => serde_json::to_string(&what).unwrap_or(what.said),
                    other => format!("{other:?}"),
                };
                self.end(bench, runner, &job, (JobState::Failed, Some(&reason)))?;
            }
            Err(error) if error.failure() == super::Failure::Internal => {
                tracing::error!(%error, job = %job.id, "a print job failed");
                self.end(bench, runner, &job, (JobState::Failed, None))?;
            }
            // The database is away or busy: the job stays, and is taken again when its heart has stopped.
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Makes part after part. Ends early, without a word, when the job is not the runner's any more.
    fn work(&self, bench: &Bench, runner: RunnerId, job: &mut Job, stop: &dyn Fn() -> bool) -> Result<(), Error> {
        let actor = self.actor(job.requested_by, None)?;
        let layout = Layout::parse(&job.layout).ok_or_else(|| Error::Broken("a layout that is none".into()))?;
        let mut wish = Wish::parse(job.point.clone(), None, Some(&job.language))?;
        wish.layout = layout;
        self.prepare_bundles(&actor, job.round)?;
        // All may have been collected since the last part.
        let run = match self.begin_print(&actor, job.round, wish) {
            Err(Error::Refused(refusal)) if *refusal == Refusal::NotFound("voucher") && job.parts > 0 => None,
            other => Some(other?),
        };
        while let Some(run) = &run {
            if stop() {
                self.pool.write("release_job", |tx| store::jobs::release(tx, job.id, runner))?;
                return Ok(());
            }
            let Some(part) = self.print_part(&actor, run, job.mark)? else { break };
            job.parts += 1;
            let path = bench.part(job.id, job.parts);
            bench
                .keep(job.id, &path, |mut file| {
                    io::Write::write_all(&mut file, &part.bytes)?;
                    Ok(file)
                })
                .map_err(|fault| broken(&fault))?;
            job.done += part.count;
            // Behind the last voucher, also of the last part: whoever goes on after a stop prints none of them again.
            job.mark = part.end;
            let (now, step) = (self.now(), (job.mark, job.done, job.parts));
            if !self.pool.write("advance_job", |tx| store::jobs::advance(tx, job.id, runner, step, now))? {
                return self.lost(bench, job);
            }
            if !part.more {
                break;
            }
        }
        let agency = self.pool.read(|conn| store::agencies::find(conn, job.agency))?;
        let dated = (self.now(), agency.map_or(Zone::default(), |agency| agency.zone));
        bench.bind(job, dated).map_err(|fault| broken(&fault))?;
        self.end(bench, runner, job, (JobState::Done, None))
    }

    /// Ends a job; removes what it made when that is of no use, or when the job was lost meanwhile.
    fn end(
        &self,
        bench: &Bench,
        runner: RunnerId,
        job: &Job,
        (state, reason): (JobState, Option<&str>),
    ) -> Result<(), Error> {
        let now = self.now();
        let held = self.pool.write("finish_job", |tx| store::jobs::finish(tx, job.id, runner, (state, reason), now))?;
        if held && state != JobState::Done {
            bench.remove(job.id);
        }
        if held { Ok(()) } else { self.lost(bench, job) }
    }

    /// The job is not this runner's any more. If it was called off, what was made since goes too.
    fn lost(&self, bench: &Bench, job: &Job) -> Result<(), Error> {
        let now = self.pool.read(|conn| store::jobs::find(conn, job.id))?;
        if !now.is_some_and(|job| job.state.is_open() || job.state == JobState::Done) {
            bench.remove(job.id);
        }
        Ok(())
    }

    /// Removes what was made more than a day ago, and what no job in the database knows of.
    pub fn tidy_jobs(&self) -> Result<(), Error> {
        let bench = self.bench()?;
        let before = self.now().plus_millis(-KEPT_MS);
        self.pool.write("expire_jobs", |tx| store::jobs::expire(tx, before))?;
        let Ok(entries) = fs::read_dir(&bench.folder) else { return Ok(()) };
        for entry in entries.flatten() {
            let Ok(id) = entry.file_name().to_string_lossy().parse::<JobId>() else { continue };
            let job = self.pool.read(|conn| store::jobs::find(conn, id))?;
            if !job.is_some_and(|job| job.state.is_open() || job.state == JobState::Done) {
                bench.remove(id);
            }
        }
        Ok(())
    }
}

/// The one who works on the jobs of a server, in a thread of its own.
#[derive(Debug)]
pub struct Runner {
    office: Office,
    stopped: std::sync::Arc<std::sync::atomic::AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Runner {
    /// Begins to work.
    #[must_use]
    pub fn start(office: &Office) -> Self {
        let stopped = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (worker, flag) = (office.clone(), stopped.clone());
        let thread = std::thread::Builder::new().name("print-jobs".to_owned()).spawn(move || {
            let stop = || flag.load(std::sync::atomic::Ordering::Relaxed);
            while !stop() {
                let worked = worker.run_one_job(&stop).and_then(|found| {
                    if !found {
                        worker.tidy_jobs()?;
                    }
                    Ok(found)
                });
                if let Err(error) = &worked {
                    tracing::warn!(%error, "print jobs have to wait");
                }
                if !stop()
                    && !worked.unwrap_or(false)
                    && let Ok(bench) = worker.bench()
                {
                    bench.wait();
                }
            }
        });
        Self { office: office.clone(), stopped, thread: thread.ok() }
    }

    /// Ends after the part under way.
    pub fn stop(mut self) {
        self.stopped.store(true, std::sync::atomic::Ordering::Relaxed);
        if let Ok(bench) = self.office.bench() {
            bench.ring();
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
