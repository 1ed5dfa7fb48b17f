//! The HTTP server of the fake: HTTP/1.1 and HTTP/2 without TLS, on its own thread.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::sync::watch;

use super::body::ResponseBody;
use super::connection::{Connection, Reset};
use super::responder::{Reply, respond};
use crate::exchange::Exchange;
use crate::mock::faults::Fault;
use crate::mock::state::Shared;
use crate::mock::stub_response::StubResponse;

/// The longest body of a request, in bytes.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// The pause after a connection could not be accepted, for example with too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Serves connections until it is dropped.
pub(crate) struct Listener {
    connections: Arc<AtomicUsize>,
    _stop: watch::Sender<()>,
}

impl Listener {
    pub(crate) fn start(listener: TcpListener, shared: Arc<Shared>) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, mut stopped) = watch::channel(());
        let connections = Arc::new(AtomicUsize::new(0));
        let open = connections.clone();
        std::thread::Builder::new()
            .name("fake-api".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        _ = accept_all(listener, &shared, &open) => {}
                        _ = stopped.changed() => {}
                    }
                });
            })?;
        Ok(Self {
            connections,
            _stop: stop,
        })
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn accept_all(
    listener: TcpListener,
    shared: &Arc<Shared>,
    open: &Arc<AtomicUsize>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Without this option, small responses are slower.
        let _ = stream.set_nodelay(true);
        let reset = Reset::default();
        let connection = Connection::new(stream, reset.clone(), open.clone());
        let shared = shared.clone();
        tokio::spawn(async move {
            let service =
                service_fn(move |request| serve(shared.clone(), request, peer, reset.clone()));
            // An error means that the connection ended early.
            let _ = auto::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(connection), service)
                .await;
        });
    }
}

/// Responds to a request. An error ends the connection without a response.
async fn serve(
    shared: Arc<Shared>,
    request: Request<Incoming>,
    peer: SocketAddr,
    reset: Reset,
) -> io::Result<Response<ResponseBody>> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(reason) if reason.is::<http_body_util::LengthLimitError>() => {
            let too_long = StubResponse::from_status(StatusCode::PAYLOAD_TOO_LARGE);
            return Ok(response(too_long, None, reset));
        }
        Err(_) => return Err(io::ErrorKind::UnexpectedEof.into()),
    };
    let mut headers = head.headers;
    // HTTP/2 has a pseudo-header in its place.
    if let Some(authority) = head.uri.authority()
        && let Ok(host) = HeaderValue::try_from(authority.as_str())
    {
        headers.entry(header::HOST).or_insert(host);
    }
    let target = head.uri.path_and_query().map_or("/", |own| own.as_str());
    let slash = if target.starts_with('/') { "" } else { "/" };
    let exchange = Exchange::new(head.method.as_str(), format!("{slash}{target}"))
        .request_headers(headers)
        .request_body(body);
    let Reply {
        response: found,
        fault,
        delay,
    } = respond(&shared, exchange, peer);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    if let Some(Fault::ResetBeforeExecution | Fault::ResetBeforeHeaders) = fault {
        reset.request();
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    Ok(response(found, fault.as_ref(), reset))
}

fn response(found: StubResponse, fault: Option<&Fault>, reset: Reset) -> Response<ResponseBody> {
    let StubResponse {
        status,
        mut headers,
        body,
    } = found;
    let body = ResponseBody::new(body, fault, &mut headers, reset);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
