//! The HTTP server: accepts connections, and responds to requests.

mod body;
mod connection;
mod cors;
mod listener;
mod responder;

pub(crate) use listener::Listener;
