//! Observes whether a request waits for a connection, and which connections are new.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper_util::client::legacy::connect::Connection;
use tower_layer::Layer;
use tower_service::Service;

use super::served::ServedConnections;

/// What the current request did to get a connection.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// How often the request was polled.
    polls: u64,
    /// The poll in which a connection was last found to be incomplete.
    connecting_at: u64,
}

tokio::task_local! {
    static PROGRESS: Cell<Progress>;
}

/// Runs `attempt`, in which [`request`] is observed.
pub(super) fn observe<F: Future>(attempt: F) -> impl Future<Output = F::Output> {
    PROGRESS.scope(Cell::default(), attempt)
}

/// Sends a request, and observes it until the next one.
pub(super) async fn request<F: Future>(mut request: Pin<&mut F>) -> F::Output {
    update(|progress| *progress = Progress::default());
    poll_fn(|context| {
        update(|progress| progress.polls += 1);
        request.as_mut().poll(context)
    })
    .await
}

/// Whether the request still waits for a connection of its own, so that it was not sent.
///
/// A request that got another connection in the meantime no longer polls its own.
pub(super) fn is_pending() -> bool {
    let progress = PROGRESS.try_with(Cell::get).unwrap_or_default();
    progress.polls > 0 && progress.connecting_at == progress.polls
}

fn update(change: impl FnOnce(&mut Progress)) {
    // Fails in the task in which a connection continues that no request waits for.
    let _ = PROGRESS.try_with(|cell| {
        let mut progress = cell.get();
        change(&mut progress);
        cell.set(progress);
    });
}

/// A layer around the connector that reports to [`request`] and to the served connections.
#[derive(Clone)]
pub(crate) struct ConnectObserver(pub(crate) ServedConnections);

impl<S> Layer<S> for ConnectObserver {
    type Service = Observed<S>;

    fn layer(&self, connector: S) -> Observed<S> {
        Observed(Arc::new((connector, self.0.clone())))
    }
}

/// The connector with its layer. Every request clones it, but few of them connect.
pub(crate) struct Observed<S>(Arc<(S, ServedConnections)>);

impl<S> Clone for Observed<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S, R> Service<R> for Observed<S>
where
    S: Service<R, Response: Connection, Future: Send> + Clone + Send + 'static,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // The clone that connects waits until it is ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: R) -> Self::Future {
        let (mut connector, served) = (*self.0).clone();
        let mut connect = Box::pin(async move {
            poll_fn(|context| connector.poll_ready(context)).await?;
            connector.call(target).await
        });
        Box::pin(poll_fn(move |context| {
            update(|progress| progress.connecting_at = progress.polls);
            let connection = ready!(connect.as_mut().poll(context));
            update(|progress| progress.connecting_at = 0);
            if let Ok(connection) = &connection {
                served.remove(&connection.connected());
            }
            Poll::Ready(connection)
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::FutureExt as _;
    use futures::future::{Either, pending, ready, select};
    use http::Extensions;
    use hyper_util::client::legacy::connect::Connected;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// A connector that returns this connection, or never completes.
    #[derive(Clone)]
    struct Connector(Option<Arc<TcpStream>>);

    struct Reported(Arc<TcpStream>);

    impl Connection for Reported {
        fn connected(&self) -> Connected {
            self.0.connected()
        }
    }

    impl Service<()> for Connector {
        type Response = Reported;
        type Error = ();
        type Future = Pin<Box<dyn Future<Output = Result<Reported, ()>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ()>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, (): ()) -> Self::Future {
            match self.0.clone() {
                Some(stream) => Box::pin(ready(Ok(Reported(stream)))),
                None => Box::pin(pending()),
            }
        }
    }

    #[tokio::test]
    async fn a_new_connection_has_served_nothing_whatever_its_port_is() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stream = Arc::new(TcpStream::connect(address).await.unwrap());
        let served = ServedConnections::default();
        let mut response = Extensions::new();
        stream.connected().get_extras(&mut response);
        assert!(!served.contains(&stream.connected()));
        served.add(&response);
        assert!(served.contains(&stream.connected()));

        let observer = ConnectObserver(served.clone());
        let mut connector = observer.layer(Connector(Some(stream.clone())));
        observe(async {
            request(pin!(connector.call(()))).await.ok().unwrap();
            assert!(!is_pending());
        })
        .await;
        assert!(!served.contains(&stream.connected()));
    }

    #[tokio::test]
    async fn a_request_is_pending_until_it_has_any_connection() {
        let connect = || {
            let observer = ConnectObserver(ServedConnections::default());
            observer.layer(Connector(None)).call(())
        };
        observe(async {
            assert!(!is_pending());
            assert!(request(pin!(connect())).now_or_never().is_none());
            assert!(is_pending());

            // Another connection becomes available in the second poll.
            let mut polls = 0;
            let pooled = poll_fn(|_| {
                polls += 1;
                if polls == 2 {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            });
            let exchange = pin!(async {
                let Either::Left(((), _connecting)) = select(pooled, connect()).await else {
                    unreachable!("the connection never completes")
                };
                pending::<()>().await;
            });
            let mut exchange = Box::pin(request(exchange));
            assert!(futures::poll!(exchange.as_mut()).is_pending());
            assert!(is_pending());
            assert!(futures::poll!(exchange.as_mut()).is_pending());
            assert!(!is_pending());
        })
        .await;
    }
}
