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

thread_local! {
    /// Whether the poll of a request that runs in this thread found its connection incomplete.
    static IS_CONNECTING: Cell<bool> = const { Cell::new(false) };
}

/// Sends a request. Each poll sets `is_connecting` to whether the request still waits for a connection
/// of its own, so that it was not sent.
///
/// A request that got another connection in the meantime no longer polls its own.
pub(crate) fn request<F: Future>(
    mut request: Pin<&mut F>,
    is_connecting: &mut bool,
) -> impl Future<Output = F::Output> {
    poll_fn(move |context| {
        IS_CONNECTING.set(false);
        let response = request.as_mut().poll(context);
        *is_connecting = IS_CONNECTING.get();
        response
    })
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
            let connection = connect.as_mut().poll(context);
            // Last, because a resolver of names may send requests itself.
            IS_CONNECTING.set(connection.is_pending());
            let connection = ready!(connection);
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
        let mut is_connecting = true;
        let connection = request(pin!(connector.call(())), &mut is_connecting).await;
        assert!(connection.is_ok() && !is_connecting);
        assert!(!served.contains(&stream.connected()));
    }

    #[tokio::test]
    async fn a_request_is_pending_until_it_has_any_connection() {
        let connect = || {
            let observer = ConnectObserver(ServedConnections::default());
            observer.layer(Connector(None)).call(())
        };
        let mut is_connecting = false;
        let alone = request(pin!(connect()), &mut is_connecting).now_or_never();
        assert!(alone.is_none() && is_connecting);

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
        let mut exchange = Box::pin(async {
            let Either::Left(((), _connecting)) = select(pooled, connect()).await else {
                unreachable!("the connection never completes")
            };
            pending::<()>().await;
        });
        for expected in [true, false] {
            let poll = request(exchange.as_mut(), &mut is_connecting).now_or_never();
            assert_eq!((poll, is_connecting), (None, expected));
        }
    }
}
