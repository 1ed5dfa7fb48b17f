//! The share of a limit that the pacer reaches, and at which cost.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::pacer::{Admission, Pacer, Verdict};
use super::client::client;
use super::events::Simulation;
use super::job::{Job, Plan, count};
use super::server::{EXACT, Hint, MakeServer, NO_HINT, RETRY_AFTER_1, Server};

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// An endless job, with `Retry-After: 1`.
const ENDLESS: Plan = Plan {
    calls: 1_000_000,
    in_flight: 32,
    hint: RETRY_AFTER_1,
    latency: 0.03,
};

/// The figures of one job.
#[derive(Debug, Clone, Copy)]
struct Figures {
    /// The share of the limit that was reached.
    share: f64,
    /// The share of the requests that were rejected with 429.
    rejected: f64,
    /// The slowest of 95 % of the interactive calls, in seconds.
    wait: f64,
}

/// Runs a job that takes some seconds at the rate of a server.
fn figures(server: &Server, rate: f64, seconds: f64, mut plan: Plan) -> Figures {
    let mut simulation = Simulation::default();
    let client = client(0.0);
    let server = Rc::new(RefCell::new(server.clone()));
    plan.calls = 0;
    while count(plan.calls) < rate * seconds {
        plan.calls += 1;
    }
    let job = Job::start(&mut simulation, (&client, &server), plan);
    simulation.run(20.0 * seconds);
    let mut counts = job.counts.borrow_mut();
    let end = counts.end.expect("the job ends");
    let waits = counts.interactive.make_contiguous();
    waits.sort_by(f64::total_cmp);
    let wait = waits[waits.len() * 95 / 100];
    let (accepted, rejected) = (count(counts.accepted), count(counts.rejected));
    Figures {
        share: accepted / end / rate,
        rejected: rejected / (accepted + rejected),
        wait,
    }
}

const HINTS: [(&str, Hint); 3] = [
    ("none", NO_HINT),
    ("Retry-After: 1", RETRY_AFTER_1),
    ("exact", EXACT),
];

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
                    &HINTS[..1]
                } else {
                    &HINTS[..]
                };
                for (hint_name, hint) in hints {
                    fastrand::seed(1);
                    let run = |in_flight| {
                        let (hint, latency) = (*hint, 0.03);
                        let plan = Plan {
                            in_flight,
                            hint,
                            latency,
                            ..ENDLESS
                        };
                        (in_flight, figures(&server(rate), rate, 60.0, plan))
                    };
                    for (
                        in_flight,
                        Figures {
                            share,
                            rejected,
                            wait,
                        },
                    ) in [8, 100].map(run)
                    {
                        let run = format!(
                            "{name}, {rate} a second, hint {hint_name}, {in_flight} in flight: \
                             reached {share:.2}, rejected {rejected:.3}, interactive {wait:.2} s"
                        );
                        println!("{run}");
                        if is_long {
                            assert!(rejected <= most_rejected_long, "{run}");
                        } else {
                            assert!(rejected <= most_rejected, "{run}");
                            assert!(share >= least && wait <= 1.5, "{run}");
                            all_reached.push(share);
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
    let job = Job::start(&mut simulation, (&client, &server), ENDLESS);
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
fn recovers_from_long_times_in_which_nothing_is_accepted() {
    fastrand::seed(1);
    let mut simulation = Simulation::default();
    let client = client(0.0);
    let server = Rc::new(RefCell::new(Server::bucket(50.0, 50.0, 0.0)));
    let job = Job::start(&mut simulation, (&client, &server), ENDLESS);
    simulation.run(10.0);
    for burst in [1.0, 1.0, 0.0] {
        let start = simulation.now;
        server.replace(Server::bucket(0.0, burst, start));
        simulation.run(start + 300.0);
    }
    let end = simulation.now;
    server.replace(Server::bucket(50.0, 50.0, end));
    simulation.run(end + 40.0);
    let before = job.accepted();
    simulation.run(end + 60.0);
    let share = (job.accepted() - before) / 20.0 / 50.0;
    println!("share {share:.2}");
    assert!(share >= 0.9, "{share}");
}

#[test]
fn shares_a_limit_between_two_processes() {
    let mut smaller = Vec::new();
    let seeds = [8, 32, 100].map(|in_flight| (1..=10).map(move |seed| (in_flight, seed)));
    for (in_flight, seed) in seeds.into_iter().flatten() {
        fastrand::seed(seed);
        let mut simulation = Simulation::default();
        let server = Rc::new(RefCell::new(Server::bucket(50.0, 50.0, 0.0)));
        let start = |simulation: &mut Simulation| {
            let client = client(simulation.now);
            Job::start(
                simulation,
                (&client, &server),
                Plan {
                    in_flight,
                    ..ENDLESS
                },
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
        let run = format!("{in_flight} in flight, seed {seed}: {shares:.2?}");
        println!("{run}");
        assert!(shares[0] + shares[1] >= 0.95, "{run}");
        assert!(lowest(&shares) >= 0.25, "{run}");
        smaller.push(lowest(&shares));
    }
    println!("lowest {:.2}, mean {:.2}", lowest(&smaller), mean(&smaller));
    assert!(mean(&smaller) >= 0.4, "{smaller:?}");
}

#[test]
fn expects_the_wait_at_a_first_guess() {
    let limited = Verdict::Limited {
        hint: 0.0,
        rate: None,
    };
    for queued in [0, 10, 100, 1_000] {
        let mut pacer = Pacer::new(0.0);
        pacer.record(0.0, 0.0, limited);
        let expected = pacer.expected_wait(0.0, queued).expect("it is paced");
        let (mut now, mut sent) = (0.0, 0);
        while sent <= queued {
            match pacer.admit(now) {
                Admission::Now => sent += 1,
                Admission::At(time) => now = time,
                Admission::AfterResponse => pacer.release(false),
            }
        }
        let run = format!("{queued} queued: expected {expected:.2} s, waited {now:.2} s");
        println!("{run}");
        assert!((0.8..=1.2).contains(&(expected / now)), "{run}");
    }
}

#[test]
fn long_retry_after_leaves_most_of_the_limit() {
    for (rate, least) in [(5.0, 0.75), (50.0, 0.8)] {
        fastrand::seed(1);
        let mut simulation = Simulation::default();
        let client = client(0.0);
        let server = Rc::new(RefCell::new(Server::bucket(rate, rate, 0.0)));
        let hint: Hint = |_, _| 60.0;
        let job = Job::start(
            &mut simulation,
            (&client, &server),
            Plan { hint, ..ENDLESS },
        );
        simulation.run(3_600.0);
        let share = job.accepted() / 3_600.0 / rate;
        println!("{rate} a second: {share:.2}");
        assert!(share >= least, "{rate}: {share}");
    }
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
            Plan {
                calls: 1_000,
                ..ENDLESS
            },
        );
        simulation.run(30.0 + pause);
        let start = simulation.now;
        let job = Job::start(&mut simulation, (&client, &server), ENDLESS);
        simulation.run(start + 5.0);
        let before = job.accepted();
        simulation.run(start + 20.0);
        let share = (job.accepted() - before) / 15.0 / 50.0;
        println!("after a pause of {pause} s: {share:.2}");
        assert!(share >= 0.9, "{share}");
    }
}

#[test]
fn reaches_limits_at_other_latencies() {
    let bucket: MakeServer = |rate| Server::bucket(rate, 0.1 * rate, 0.0);
    let (short, long): (MakeServer, MakeServer) = (
        |rate| Server::window(rate, 1.0),
        |rate| Server::window(rate, 10.0),
    );
    for (server, rate, in_flight, latency, least, most_rejected, most_wait) in [
        (bucket, 50.0, 8, 0.003, 0.88, 0.03, 1.5),
        (bucket, 50.0, 100, 0.1, 0.88, 0.03, 1.5),
        (short, 50.0, 32, 0.1, 0.88, 0.03, 1.5),
        (short, 5.0, 32, 0.01, 0.75, 0.08, 1.5),
        (short, 5.0, 32, 0.1, 0.75, 0.08, 1.5),
        (long, 50.0, 100, 0.1, 0.88, 0.08, 10.0),
        (long, 5.0, 32, 0.1, 0.75, 0.22, 10.0),
    ] {
        for (name, hint) in HINTS {
            fastrand::seed(1);
            let plan = Plan {
                calls: 0,
                in_flight,
                hint,
                latency,
            };
            let figures = figures(&server(rate), rate, 60.0, plan);
            let run = format!(
                "{rate} a second, hint {name}, {in_flight} in flight of {latency} s: {figures:.3?}"
            );
            println!("{run}");
            assert!(figures.share >= least, "{run}");
            assert!(figures.rejected <= most_rejected, "{run}");
            assert!(figures.wait <= most_wait, "{run}");
        }
    }
}

#[test]
#[ignore = "takes minutes; prints the figures of the pacer for other servers and latencies"]
fn print_figures() {
    let servers: [(&str, MakeServer); 11] = [
        ("bucket of 1", |rate| Server::bucket(rate, 1.0, 0.0)),
        ("bucket of 0.1 s", |rate| {
            Server::bucket(rate, (0.1 * rate).max(1.0), 0.0)
        }),
        ("bucket of 0.5 s", |rate| {
            Server::bucket(rate, 0.5 * rate, 0.0)
        }),
        ("bucket of 1 s", |rate| Server::bucket(rate, rate, 0.0)),
        ("bucket of 3 s", |rate| {
            Server::bucket(rate, 3.0 * rate, 0.0)
        }),
        ("window of 0.5 s", |rate| Server::window(rate, 0.5)),
        ("window of 1 s", |rate| Server::window(rate, 1.0)),
        ("window of 2 s", |rate| Server::window(rate, 2.0)),
        ("window of 5 s", |rate| Server::window(rate, 5.0)),
        ("window of 10 s", |rate| Server::window(rate, 10.0)),
        ("window of 30 s", |rate| Server::window(rate, 30.0)),
    ];
    for (name, server) in servers {
        for rate in [5.0, 20.0, 50.0, 200.0] {
            for latency in [0.003, 0.01, 0.03, 0.06, 0.1] {
                let mut runs = Vec::new();
                for (_, hint) in HINTS {
                    for in_flight in [8, 32, 100] {
                        if count(in_flight) < 1.5 * rate * latency {
                            continue;
                        }
                        fastrand::seed(1);
                        let plan = Plan {
                            calls: 0,
                            in_flight,
                            hint,
                            latency,
                        };
                        runs.push(figures(&server(rate), rate, 120.0, plan));
                    }
                }
                let all = |figure: fn(&Figures) -> f64| runs.iter().map(figure).collect::<Vec<_>>();
                let shares = all(|run| run.share);
                let highest = |figure| all(figure).into_iter().fold(0.0, f64::max);
                println!(
                    "{name:15} {rate:3}/s, {latency:5} s: share lowest {:.2}, mean {:.2}; rejected at \
                     most {:.3}; interactive at most {:.2} s",
                    lowest(&shares),
                    mean(&shares),
                    highest(|run| run.rejected),
                    highest(|run| run.wait),
                );
            }
        }
    }
}
