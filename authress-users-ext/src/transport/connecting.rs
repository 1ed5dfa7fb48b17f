//! Observes whether a request establishes a connection of its own.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tower_layer::Layer;
use tower_service::Service;

/// What the current request did to get a connection.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// How often the request was polled.
    polls: u64,
    /// The poll in which a connection was last found to be incomplete.
    connecting_at: u64,
    is_connected: bool,
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

/// Whether the request established the connection that it uses.
pub(super) fn is_connected() -> bool {
    get().is_connected
}

/// Whether the request still waits for a connection of its own, so that it was not sent.
///
/// A request that got another connection in the meantime no longer polls its own.
pub(super) fn is_pending() -> bool {
    let progress = get();
    progress.polls > 0 && progress.connecting_at == progress.polls
}

fn get() -> Progress {
    PROGRESS.try_with(Cell::get).unwrap_or_default()
}

fn update(change: impl FnOnce(&mut Progress)) {
    // Fails in the task in which a connection continues that no request waits for.
    let _ = PROGRESS.try_with(|cell| {
        let mut progress = cell.get();
        change(&mut progress);
        cell.set(progress);
    });
}

/// A layer around the connector that reports to [`request`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectObserver;

impl<S> Layer<S> for ConnectObserver {
    type Service = Observed<S>;

    fn layer(&self, connector: S) -> Observed<S> {
        Observed(Arc::new(connector))
    }
}

/// The connector with its layer. Every request clones it, but few of them connect.
#[derive(Debug)]
pub(crate) struct Observed<S>(Arc<S>);

impl<S> Clone for Observed<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S, R> Service<R> for Observed<S>
where
    S: Service<R, Future: Send> + Clone + Send + 'static,
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
        let mut connector = S::clone(&self.0);
        let mut connect = Box::pin(async move {
            poll_fn(|context| connector.poll_ready(context)).await?;
            connector.call(target).await
        });
        Box::pin(poll_fn(move |context| {
            update(|progress| progress.connecting_at = progress.polls);
            let connection = ready!(connect.as_mut().poll(context));
            update(|progress| {
                progress.connecting_at = 0;
                progress.is_connected = connection.is_ok();
            });
            Poll::Ready(connection)
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::FutureExt as _;
    use futures::future::{Either, pending, ready, select};

    use super::*;

    /// A connector whose connections are complete or never will be.
    #[derive(Clone)]
    struct Connector(bool);

    impl Service<()> for Connector {
        type Response = ();
        type Error = ();
        type Future = Pin<Box<dyn Future<Output = Result<(), ()>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ()>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, (): ()) -> Self::Future {
            if self.0 {
                Box::pin(ready(Ok(())))
            } else {
                Box::pin(pending())
            }
        }
    }

    fn connect(is_complete: bool) -> impl Future<Output = Result<(), ()>> + Unpin {
        ConnectObserver.layer(Connector(is_complete)).call(())
    }

    #[tokio::test]
    async fn a_request_with_a_new_connection_is_connected() {
        observe(async {
            request(pin!(connect(true))).await.unwrap();
            assert!(is_connected() && !is_pending());
            // The next request uses the same connection.
            request(pin!(ready(()))).await;
            assert!(!is_connected() && !is_pending());
        })
        .await;
    }

    #[tokio::test]
    async fn a_request_is_pending_until_it_has_any_connection() {
        observe(async {
            assert!(!is_pending());
            assert!(request(pin!(connect(false))).now_or_never().is_none());
            assert!(is_pending() && !is_connected());

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
                let Either::Left(((), _connecting)) = select(pooled, connect(false)).await else {
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
