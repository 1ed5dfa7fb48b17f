//! Sends requests when a pacer admits them.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::lanes::{Lane, Lanes, Turns};
use super::super::pacer::{Admission, Pacer};
use super::events::{Action, Simulation};

/// A client: a pacer and its queue.
pub(super) struct Client {
    pub(super) pacer: Pacer,
    lanes: Lanes<Action>,
    turns: Turns,
    tickets: u64,
    wake_at: f64,
}

pub(super) type Shared<T> = Rc<RefCell<T>>;

pub(super) fn client(now: f64) -> Shared<Client> {
    Rc::new(RefCell::new(Client {
        pacer: Pacer::new(now),
        lanes: Lanes::new(),
        turns: Turns::default(),
        tickets: 0,
        wake_at: f64::INFINITY,
    }))
}

pub(super) fn send_when_admitted(
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

pub(super) fn give_turns(client: &Shared<Client>, simulation: &mut Simulation) {
    loop {
        let mut state = client.borrow_mut();
        let Some(lane) = state.lanes.next(state.turns.is_bulk()) else {
            return;
        };
        match state.pacer.admit(simulation.now) {
            Admission::Now => {
                let (_, send) = state.lanes.pop(lane).expect("the lane is not empty");
                state.turns.count();
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
