//! The line before work that is done for many at the price of one, a commit or a question to a far database: whoever
//! comes while a group is under way waits, and all who wait are the next group. One of them leads it; the others sleep
//! until they are told their answer.
//!
//! Nobody waits for a clock: a caller who finds nobody leading leads at once, alone. Knows nothing of what the work is.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The most that are taken together.
const GROUP_MAX: usize = 64;

/// A piece of work, of which two that touch the same thing are never taken together.
pub(super) trait Job {
    /// What it touches.
    type Thing: Eq + Hash;
    /// All that it touches.
    fn touches(&self) -> Vec<Self::Thing>;
}

enum Seat<A> {
    Waiting,
    /// It is this one's turn to lead.
    Leads,
    Answered(A),
    /// Whoever led the group went down with it.
    Lost,
}

struct Chair<A> {
    seat: Mutex<Seat<A>>,
    called: Condvar,
}

impl<A> Chair<A> {
    fn call(&self, seat: Seat<A>) {
        *locked(&self.seat) = seat;
        self.called.notify_one();
    }
}

struct Queue<J, A> {
    waiting: VecDeque<(J, Arc<Chair<A>>)>,
    led: bool,
}

/// The line. `J` is the work, `A` the answer to it.
pub(super) struct Line<J, A> {
    queue: Mutex<Queue<J, A>>,
}

impl<J, A> Default for Line<J, A> {
    fn default() -> Self {
        Self { queue: Mutex::new(Queue { waiting: VecDeque::new(), led: false }) }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<J: Job, A> Line<J, A> {
    /// Waits until the job is done in a group, and answers what came of it; `None` when the one who led the group went
    /// down, and nobody knows.
    ///
    /// `work` does a group: it answers each job, in their order, and says when the next group may begin; that may be
    /// before it has all the answers.
    pub(super) fn join(&self, job: J, work: impl FnOnce(Vec<J>, &dyn Fn()) -> Vec<A>) -> Option<A> {
        let chair = Arc::new(Chair { seat: Mutex::new(Seat::Waiting), called: Condvar::new() });
        {
            let mut queue = locked(&self.queue);
            queue.waiting.push_back((job, Arc::clone(&chair)));
            if !queue.led {
                queue.led = true;
                *locked(&chair.seat) = Seat::Leads;
            }
        }
        let mut seat = locked(&chair.seat);
        loop {
            match std::mem::replace(&mut *seat, Seat::Waiting) {
                Seat::Waiting => seat = chair.called.wait(seat).unwrap_or_else(PoisonError::into_inner),
                Seat::Answered(answer) => return Some(answer),
                Seat::Lost => return None,
                Seat::Leads => break,
            }
        }
        drop(seat);
        self.lead(work);
        match std::mem::replace(&mut *locked(&chair.seat), Seat::Lost) {
            Seat::Answered(answer) => Some(answer),
            _ => None,
        }
    }

    fn lead(&self, work: impl FnOnce(Vec<J>, &dyn Fn()) -> Vec<A>) {
        let (jobs, chairs) = self.take();
        let group = Group { line: self, chairs, passed: std::cell::Cell::new(false) };
        let answers = work(jobs, &|| group.pass());
        for (chair, answer) in group.chairs.iter().zip(answers) {
            chair.call(Seat::Answered(answer));
        }
    }

    /// The next group: in the order in which they came, but for those that touch what an earlier one touches.
    fn take(&self) -> (Vec<J>, Vec<Arc<Chair<A>>>) {
        let mut queue = locked(&self.queue);
        let mut touched = HashSet::new();
        let (mut jobs, mut chairs, mut later) = (Vec::new(), Vec::new(), VecDeque::new());
        while jobs.len() < GROUP_MAX
            && let Some((job, chair)) = queue.waiting.pop_front()
        {
            let things = job.touches();
            // What one that stays behind touches is touched too, or a later one would overtake it.
            let free = things.iter().all(|thing| !touched.contains(thing));
            touched.extend(things);
            if free {
                jobs.push(job);
                chairs.push(chair);
            } else {
                later.push_back((job, chair));
            }
        }
        later.append(&mut queue.waiting);
        queue.waiting = later;
        (jobs, chairs)
    }
}

/// A group under way. However it ends, the next one begins and nobody sleeps for ever.
struct Group<'a, J: Job, A> {
    line: &'a Line<J, A>,
    chairs: Vec<Arc<Chair<A>>>,
    passed: std::cell::Cell<bool>,
}

impl<J: Job, A> Group<'_, J, A> {
    fn pass(&self) {
        if self.passed.replace(true) {
            return;
        }
        let mut queue = locked(&self.line.queue);
        match queue.waiting.front() {
            Some((_, chair)) => chair.call(Seat::Leads),
            None => queue.led = false,
        }
    }
}

impl<J: Job, A> Drop for Group<'_, J, A> {
    fn drop(&mut self) {
        self.pass();
        for chair in &self.chairs {
            let mut seat = locked(&chair.seat);
            if matches!(*seat, Seat::Waiting) {
                *seat = Seat::Lost;
                chair.called.notify_one();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// A number, and the thing that it touches.
    struct Number(usize, usize);

    impl Job for Number {
        type Thing = usize;
        fn touches(&self) -> Vec<usize> {
            vec![self.1]
        }
    }

    fn waiting(line: &Line<Number, usize>) -> usize {
        line.queue.lock().unwrap().waiting.len()
    }

    /// Lets `count` callers come while a first one holds the line, and answers the groups that they made.
    fn groups(
        count: usize,
        thing: impl Fn(usize) -> usize + Sync,
        fails: impl Fn(&[Number]) -> bool + Sync,
    ) -> (Vec<Vec<usize>>, Vec<Option<usize>>) {
        let line = Line::default();
        let made = Mutex::new(Vec::new());
        let work = |jobs: Vec<Number>, pass: &dyn Fn()| {
            made.lock().unwrap().push(jobs.iter().map(|job| job.0).collect());
            assert!(!fails(&jobs), "this group goes down");
            pass();
            jobs.iter().map(|job| job.0 * 10).collect()
        };
        let (go, hold): (Sender<()>, Receiver<()>) = channel();
        let (tell, began) = channel();
        let answers = std::thread::scope(|scope| {
            let line = &line;
            let first = scope.spawn(move || {
                line.join(Number(0, usize::MAX), |jobs, _| {
                    tell.send(()).unwrap();
                    hold.recv().unwrap();
                    jobs.iter().map(|job| job.0).collect()
                })
            });
            began.recv().unwrap();
            let others: Vec<_> = (1..=count)
                .map(|number| {
                    let (work, thing) = (&work, &thing);
                    let other = scope.spawn(move || line.join(Number(number, thing(number)), work));
                    // They come in this order.
                    while waiting(line) < number {
                        std::thread::yield_now();
                    }
                    other
                })
                .collect();
            go.send(()).unwrap();
            assert_eq!(first.join().unwrap(), Some(0));
            others.into_iter().map(|other| other.join().unwrap_or(None)).collect()
        });
        assert!(!line.queue.lock().unwrap().led, "nobody leads an empty line");
        (made.into_inner().unwrap(), answers)
    }

    #[test]
    fn all_who_wait_are_the_next_group() {
        let (made, answers) = groups(40, |number| number, |_| false);
        assert_eq!(made, [(1..=40).collect::<Vec<_>>()]);
        assert_eq!(answers, (1..=40).map(|number| Some(number * 10)).collect::<Vec<_>>());
    }

    #[test]
    fn two_that_touch_the_same_are_never_taken_together_and_keep_their_order() {
        let (made, answers) = groups(9, |number| number % 3, |_| false);
        assert_eq!(made, [[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
        assert_eq!(answers, (1..=9).map(|number| Some(number * 10)).collect::<Vec<_>>());
    }

    #[test]
    fn a_group_has_an_end() {
        let (made, _) = groups(GROUP_MAX + 5, |number| number, |_| false);
        assert_eq!(made.iter().map(Vec::len).collect::<Vec<_>>(), [GROUP_MAX, 5]);
    }

    #[test]
    fn who_leads_may_go_down_and_the_others_hear_of_it_and_the_line_goes_on() {
        let (made, answers) = groups(9, |number| number % 3, |jobs| jobs.iter().any(|job| job.0 == 5));
        assert_eq!(made, [[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
        let expected = (1..=9).map(|number| (!(4..=6).contains(&number)).then_some(number * 10));
        assert_eq!(answers, expected.collect::<Vec<_>>());
    }

    #[test]
    fn many_who_come_at_any_time_are_all_answered_once() {
        let line = Line::default();
        let done = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for client in 0..16 {
                let (line, done) = (&line, &done);
                scope.spawn(move || {
                    for number in 0..500 {
                        let own = client * 1_000 + number;
                        let answer = line.join(Number(own, number % 7), |jobs, pass| {
                            done.fetch_add(jobs.len(), Ordering::Relaxed);
                            pass();
                            jobs.iter().map(|job| job.0).collect()
                        });
                        assert_eq!(answer, Some(own));
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 8_000);
    }
}
