//! The pacer against model servers: the share of a limit that it reaches, and at which cost.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::rc::Rc;

use super::lanes::{Lane, Lanes};
use super::pacer::{Admission, Pacer, Verdict};

/// How a server counts requests.
#[derive(Clone)]
enum Server {
    Bucket {
        rate: f64,
        burst: f64,
        level: f64,
        at: f64,
    },
    Window {
        rate: f64,
        span: f64,
        start: f64,
        count: f64,
    },
}

impl Server {
    fn bucket(rate: f64, burst: f64, now: f64) -> Self {
        let level = burst;
        Self::Bucket {
            rate,
            burst,
            level,
            at: now,
        }
    }

    fn window(rate: f64, span: f64) -> Self {
        Self::Window {
            rate,
            span,
            start: -span,
            count: 0.0,
        }
    }

    fn allows(&mut self, now: f64) -> bool {
        match self {
            Self::Bucket {
                rate,
                burst,
                level,
                at,
            } => {
                *level = burst.min(*level + (now - *at) * *rate);
                *at = now;
                let allows = *level >= 1.0;
                *level -= f64::from(u8::from(allows));
                allows
            }
            Self::Window {
                rate,
                span,
                start,
                count,
            } => {
                let current = (now / *span).floor() * *span;
                if current > *start {
                    (*start, *count) = (current, 0.0);
                }
                *count += 1.0;
                *count <= *rate * *span
            }
        }
    }

    fn reset_in(&self, now: f64) -> f64 {
        match self {
            Self::Bucket { rate, level, .. } => ((1.0 - level) / rate).max(0.0),
            Self::Window { span, start, .. } => start + span - now,
        }
    }
}

/// Makes a server with a rate.
type MakeServer = fn(f64) -> Server;

/// What a 429 says about the wait, in seconds; 0 for nothing.
type Hint = fn(&Server, f64) -> f64;

type Action = Box<dyn FnOnce(&mut Simulation)>;

/// Events in the order of their times, which are exact: rounded times would hide that requests are
/// sent too early.
#[derive(Default)]
struct Simulation {
    now: f64,
    next: u64,
    order: BinaryHeap<Reverse<(u64, u64)>>,
    actions: BTreeMap<u64, (f64, Action)>,
}

impl Simulation {
    fn at(&mut self, time: f64, action: impl FnOnce(&mut Self) + 'static) {
        let time = time.max(self.now);
        // The bits of positive numbers are in the order of the numbers.
        self.order.push(Reverse((time.to_bits(), self.next)));
        self.actions.insert(self.next, (time, Box::new(action)));
        self.next += 1;
    }

    fn run(&mut self, until: f64) {
        while let Some((time, action)) = self.due(until) {
            self.now = time;
            action(self);
        }
        self.now = until;
    }

    fn due(&mut self, until: f64) -> Option<(f64, Action)> {
        let Reverse((bits, number)) = *self.order.peek()?;
        if f64::from_bits(bits) > until {
            return None;
        }
        self.order.pop();
        self.actions.remove(&number)
    }
}

/// A client: a pacer and its queue.
struct Client {
    pacer: Pacer,
    lanes: Lanes<Action>,
    tickets: u64,
    wake_at: f64,
}

type Shared<T> = Rc<RefCell<T>>;

fn client(now: f64) -> Shared<Client> {
    Rc::new(RefCell::new(Client {
        pacer: Pacer::new(now),
        lanes: Lanes::new(),
        tickets: 0,
        wake_at: f64::INFINITY,
    }))
}

fn send_when_admitted(
    client: &Shared<Client>,
    simulation: &mut Simulation,
    lane: Lane,
    send: impl FnOnce(&mut Simulation) + 'static,
) {
    {
        let mut client = client.borrow_mut();
        client.tickets += 1;
        let ticket = client.tickets;
        client.lanes.insert(lane, ticket, Box::new(send));
    }
    give_turns(client, simulation);
}

fn give_turns(client: &Shared<Client>, simulation: &mut Simulation) {
    loop {
        let mut state = client.borrow_mut();
        let Some(lane) = state.lanes.next(false) else {
            return;
        };
        match state.pacer.admit(simulation.now) {
            Admission::Now => {
                let (_, send) = state.lanes.pop(lane).expect("the lane is not empty");
                drop(state);
                send(simulation);
            }
            Admission::AfterResponse => return,
            Admission::At(time) => {
                if time < state.wake_at {
                    state.wake_at = time;
                    let client = client.clone();
                    simulation.at(time, move |simulation| {
                        let is_current = client.borrow().wake_at.total_cmp(&time).is_eq();
                        if is_current {
                            client.borrow_mut().wake_at = f64::INFINITY;
                            give_turns(&client, simulation);
                        }
                    });
                }
                return;
            }
        }
    }
}

/// A bulk job, and an interactive call every half second while it runs.
struct Job {
    client: Shared<Client>,
    server: Shared<Server>,
    hint: Hint,
    latency: f64,
    concurrency: usize,
    counts: RefCell<Counts>,
}

#[derive(Default)]
struct Counts {
    to_start: usize,
    left: usize,
    accepted: usize,
    rejected: usize,
    asleep: usize,
    /// The calls that were started while others slept.
    surplus: usize,
    interactive: VecDeque<f64>,
    end: Option<f64>,
}

impl Job {
    fn start(
        simulation: &mut Simulation,
        (client, server): (&Shared<Client>, &Shared<Server>),
        calls: usize,
        concurrency: usize,
        hint: Hint,
    ) -> Rc<Self> {
        let job = Rc::new(Self {
            client: client.clone(),
            server: server.clone(),
            hint,
            latency: 0.03,
            concurrency,
            counts: RefCell::new(Counts {
                to_start: calls,
                left: calls,
                ..Counts::default()
            }),
        });
        for _ in 0..concurrency {
            job.start_bulk(simulation);
        }
        let other = job.clone();
        simulation.at(simulation.now + 0.5, move |simulation| {
            other.start_interactive(simulation);
        });
        job
    }

    fn start_bulk(self: &Rc<Self>, simulation: &mut Simulation) {
        {
            let mut counts = self.counts.borrow_mut();
            if counts.to_start == 0 {
                return;
            }
            counts.to_start -= 1;
        }
        self.queue(simulation, Lane::Bulk, simulation.now);
    }

    fn start_interactive(self: &Rc<Self>, simulation: &mut Simulation) {
        if self.counts.borrow().left > 0 {
            self.queue(simulation, Lane::Interactive, simulation.now);
            let job = self.clone();
            simulation.at(simulation.now + 0.5, move |simulation| {
                job.start_interactive(simulation);
            });
        }
    }

    fn queue(self: &Rc<Self>, simulation: &mut Simulation, lane: Lane, started: f64) {
        let job = self.clone();
        send_when_admitted(&self.client, simulation, lane, move |simulation| {
            job.send(simulation, lane, started);
        });
    }

    fn half_latency(&self) -> f64 {
        self.latency / 2.0 * (0.8 + 0.4 * fastrand::f64())
    }

    fn send(self: Rc<Self>, simulation: &mut Simulation, lane: Lane, started: f64) {
        let sent = simulation.now;
        simulation.at(sent + self.half_latency(), move |simulation| {
            let now = simulation.now;
            let is_accepted = self.server.borrow_mut().allows(now);
            let hint = if is_accepted {
                0.0
            } else {
                (self.hint)(&self.server.borrow(), now)
            };
            simulation.at(now + self.half_latency(), move |simulation| {
                self.end(simulation, lane, (started, sent), is_accepted, hint);
            });
        });
    }

    fn end(
        self: Rc<Self>,
        simulation: &mut Simulation,
        lane: Lane,
        (started, sent): (f64, f64),
        is_accepted: bool,
        hint: f64,
    ) {
        let now = simulation.now;
        let verdict = if is_accepted {
            Verdict::Accepted { pause: 0.0 }
        } else {
            Verdict::Limited { hint, rate: None }
        };
        {
            let pacer = &mut self.client.borrow_mut().pacer;
            pacer.release(false);
            pacer.record(now, sent, verdict);
        }
        give_turns(&self.client, simulation);
        let mut counts = self.counts.borrow_mut();
        if !is_accepted {
            counts.rejected += 1;
            let again = if lane == Lane::Bulk {
                Lane::Rejected
            } else {
                lane
            };
            let sleeps =
                again == Lane::Rejected && hint > 0.5 && counts.asleep < 4 * self.concurrency;
            if sleeps {
                counts.asleep += 1;
            }
            drop(counts);
            if sleeps {
                // A call that sleeps is not in flight.
                self.start_bulk(simulation);
            }
            simulation.at(
                now + hint * (1.0 + 0.2 * fastrand::f64()),
                move |simulation| {
                    if sleeps {
                        let mut counts = self.counts.borrow_mut();
                        counts.asleep -= 1;
                        counts.surplus += 1;
                    }
                    self.queue(simulation, again, started);
                },
            );
            return;
        }
        counts.accepted += 1;
        if lane == Lane::Interactive {
            counts.interactive.push_back(now - started);
            return;
        }
        counts.left -= 1;
        if counts.left == 0 {
            counts.end = Some(now);
        }
        if counts.surplus > 0 {
            counts.surplus -= 1;
        } else {
            drop(counts);
            self.start_bulk(simulation);
        }
    }

    fn accepted(&self) -> f64 {
        count(self.counts.borrow().accepted)
    }
}

#[allow(clippy::cast_precision_loss, reason = "the numbers are small")]
fn count(number: usize) -> f64 {
    number as f64
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

const NO_HINT: Hint = |_, _| 0.0;
const RETRY_AFTER_1: Hint = |_, _| 1.0;
const EXACT: Hint = |server, now| server.reset_in(now);
const ENDLESS: usize = 1_000_000;

/// Runs jobs of some seconds against a server, and returns the shares of the limit that they reach, of
/// the requests that are rejected, and the slowest of 95 % of the interactive calls.
fn shares(server: &Server, rate: f64, seconds: f64, hint: Hint, in_flight: usize) -> [f64; 3] {
    let mut simulation = Simulation::default();
    let client = client(0.0);
    let server = Rc::new(RefCell::new(server.clone()));
    let mut calls = 0;
    while count(calls) < rate * seconds {
        calls += 1;
    }
    let job = Job::start(&mut simulation, (&client, &server), calls, in_flight, hint);
    simulation.run(20.0 * seconds);
    let mut counts = job.counts.borrow_mut();
    let end = counts.end.expect("the job ends");
    let waits = counts.interactive.make_contiguous();
    waits.sort_by(f64::total_cmp);
    let wait = waits[waits.len() * 95 / 100];
    let (accepted, rejected) = (count(counts.accepted), count(counts.rejected));
    [
        accepted / end / rate,
        rejected / (accepted + rejected),
        wait,
    ]
}

#[test]
fn reaches_the_limits_of_servers_with_few_rejected_requests() {
    let servers: [(&str, MakeServer); 4] = [
        ("bucket of 1 s", |rate| Server::bucket(rate, rate, 0.0)),
        ("bucket of 0.1 s", |rate| {
            Server::bucket(rate, (0.1 * rate).max(1.0), 0.0)
        }),
        ("window of 1 s", |rate| Server::window(rate, 1.0)),
        ("window of 10 s", |rate| Server::window(rate, 10.0)),
    ];
    let hints = [
        ("none", NO_HINT),
        ("Retry-After: 1", RETRY_AFTER_1),
        ("exact", EXACT),
    ];
    // The targets of small limits are lower, since few requests show little.
    for (rates, least, least_mean, most_rejected, most_rejected_long) in [
        (&[5.0][..], 0.75, 0.88, 0.08, 0.22),
        (&[50.0, 200.0][..], 0.88, 0.94, 0.03, 0.08),
    ] {
        let mut all_reached = Vec::new();
        for (name, server) in servers {
            let is_long = name == "window of 10 s";
            for rate in rates.iter().copied() {
                // A run at a large rate takes long.
                let hints = if rate > 100.0 {
                    &hints[..1]
                } else {
                    &hints[..]
                };
                for (hint_name, hint) in hints {
                    fastrand::seed(1);
                    let runs = [8, 100]
                        .map(|in_flight| shares(&server(rate), rate, 60.0, *hint, in_flight));
                    for (in_flight, [reached, rejected, wait]) in [8, 100].into_iter().zip(runs) {
                        let run = format!(
                            "{name}, {rate} a second, hint {hint_name}, {in_flight} in flight: \
                             reached {reached:.2}, rejected {rejected:.3}, interactive {wait:.2} s"
                        );
                        println!("{run}");
                        if is_long {
                            assert!(rejected <= most_rejected_long, "{run}");
                        } else {
                            assert!(rejected <= most_rejected, "{run}");
                            assert!(reached >= least && wait <= 1.5, "{run}");
                            all_reached.push(reached);
                        }
                    }
                }
            }
        }
        let mean = mean(&all_reached);
        println!("mean: {mean:.3}");
        assert!(mean >= least_mean, "{mean}");
    }
}

#[test]
fn follows_a_limit_that_changes() {
    fastrand::seed(1);
    let mut simulation = Simulation::default();
    let client = client(0.0);
    let server = Rc::new(RefCell::new(Server::bucket(50.0, 50.0, 0.0)));
    let job = Job::start(
        &mut simulation,
        (&client, &server),
        ENDLESS,
        32,
        RETRY_AFTER_1,
    );
    for rate in [50.0, 20.0, 80.0] {
        let start = simulation.now;
        server.replace(Server::bucket(rate, rate, start));
        simulation.run(start + 10.0);
        let before = job.accepted();
        simulation.run(start + 30.0);
        let share = (job.accepted() - before) / 20.0 / rate;
        println!("{rate} a second: {share:.2}");
        assert!((0.9..=1.1).contains(&share), "{rate}: {share}");
    }
}

#[test]
fn shares_a_limit_between_two_processes() {
    let mut smaller = Vec::new();
    for seed in 1..=6 {
        fastrand::seed(seed);
        let mut simulation = Simulation::default();
        let server = Rc::new(RefCell::new(Server::bucket(50.0, 50.0, 0.0)));
        let in_flight = [8, 32, 100][usize::try_from(seed % 3).expect("it is small")];
        let start = |simulation: &mut Simulation| {
            let client = client(simulation.now);
            Job::start(
                simulation,
                (&client, &server),
                ENDLESS,
                in_flight,
                RETRY_AFTER_1,
            )
        };
        let first = start(&mut simulation);
        simulation.run(5.0);
        let second = start(&mut simulation);
        simulation.run(15.0);
        let before = [first.accepted(), second.accepted()];
        simulation.run(75.0);
        let share = |job: &Job, before: f64| (job.accepted() - before) / 60.0 / 50.0;
        let shares = [share(&first, before[0]), share(&second, before[1])];
        println!("{in_flight} in flight: {shares:.2?}");
        assert!(shares[0] + shares[1] >= 0.95, "{shares:?}");
        assert!(lowest(&shares) >= 0.25, "{shares:?}");
        smaller.push(lowest(&shares));
    }
    assert!(mean(&smaller) >= 0.4, "{smaller:?}");
}

#[test]
fn long_retry_after_leaves_most_of_the_limit() {
    fastrand::seed(1);
    let mut simulation = Simulation::default();
    let client = client(0.0);
    let server = Rc::new(RefCell::new(Server::bucket(5.0, 5.0, 0.0)));
    let hint: Hint = |_, _| 60.0;
    let job = Job::start(&mut simulation, (&client, &server), ENDLESS, 32, hint);
    simulation.run(3_600.0);
    let share = job.accepted() / 3_600.0 / 5.0;
    println!("share {share:.2}");
    assert!(share >= 0.75, "{share}");
}

#[test]
fn keeps_its_rate_while_it_is_idle() {
    for pause in [3.0, 30.0] {
        fastrand::seed(1);
        let mut simulation = Simulation::default();
        let client = client(0.0);
        let server = Rc::new(RefCell::new(Server::bucket(50.0, 50.0, 0.0)));
        Job::start(
            &mut simulation,
            (&client, &server),
            1_000,
            32,
            RETRY_AFTER_1,
        );
        simulation.run(30.0 + pause);
        let start = simulation.now;
        let job = Job::start(
            &mut simulation,
            (&client, &server),
            ENDLESS,
            32,
            RETRY_AFTER_1,
        );
        simulation.run(start + 5.0);
        let before = job.accepted();
        simulation.run(start + 20.0);
        let share = (job.accepted() - before) / 15.0 / 50.0;
        println!("after a pause of {pause} s: {share:.2}");
        assert!(share >= 0.9, "{share}");
    }
}
