//! The share of a limit that the pacer reaches, and at which cost.

use std::cell::RefCell;
use std::rc::Rc;

use super::client::client;
use super::events::Simulation;
use super::job::{Job, count};
use super::server::{EXACT, Hint, MakeServer, NO_HINT, RETRY_AFTER_1, Server};

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

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
    for (rate, least) in [(5.0, 0.75), (50.0, 0.8)] {
        fastrand::seed(1);
        let mut simulation = Simulation::default();
        let client = client(0.0);
        let server = Rc::new(RefCell::new(Server::bucket(rate, rate, 0.0)));
        let hint: Hint = |_, _| 60.0;
        let job = Job::start(&mut simulation, (&client, &server), ENDLESS, 32, hint);
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
