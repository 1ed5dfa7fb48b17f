//! Calls that are polled where no Tokio runtime is running.

use authress_users_contract::MockAuthress;
use authress_users_ext::{AuthressClient, Error, Outcome};
use futures::executor::block_on;
use futures::{FutureExt as _, StreamExt as _, stream};

use crate::start;

fn client() -> AuthressClient {
    let builder = AuthressClient::builder().api_url("http://localhost:1");
    builder.access_token("a.b.c").build().unwrap()
}

fn assert_names_the_remedy(error: &Error) {
    assert!(error.is_configuration() && !error.is_retryable(), "{error}");
    assert!(error.to_string().contains("#[tokio::main]"), "{error}");
    assert_eq!(error.attempts(), 0);
}

#[test]
fn every_call_and_stream_is_a_configuration_error() {
    let authress = client();
    let users = authress.users();
    let errors = [
        block_on(users.get_user("1").into_future()).unwrap_err(),
        block_on(users.get_user("1").optional().into_future()).unwrap_err(),
        block_on(users.delete_user("1").send()).unwrap_err(),
        block_on(users.link_tenant_user("acme", "1").send_with_response()).unwrap_err(),
        block_on(users.get_users().into_future()).unwrap_err(),
        block_on(users.get_users().stream().try_next()).unwrap_err(),
        block_on(users.get_users().pages().next())
            .unwrap()
            .unwrap_err(),
        block_on(users.get_users().with_prefetch(2).stream().try_next()).unwrap_err(),
        block_on(users.get_users().with_prefetch(2).pages().next())
            .unwrap()
            .unwrap_err(),
        block_on(users.delete_all(["1"]).next())
            .unwrap()
            .result
            .unwrap_err(),
        block_on(users.get_stream(stream::iter([Ok::<_, Error>("1")])).next())
            .unwrap()
            .unwrap()
            .result
            .unwrap_err(),
    ];
    for error in errors {
        assert_names_the_remedy(&error);
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
    let first_poll = users.get_user("1").into_future().now_or_never();
    assert_names_the_remedy(&first_poll.unwrap().unwrap_err());
}

#[test]
fn a_runtime_without_drivers_is_a_configuration_error() {
    for (io, time) in [(false, false), (true, false), (false, true)] {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        if io {
            builder.enable_io();
        }
        if time {
            builder.enable_time();
        }
        let runtime = builder.build().unwrap();
        let authress = client();
        let users = authress.users();
        let errors = [
            runtime
                .block_on(users.get_user("1").into_future())
                .unwrap_err(),
            runtime
                .block_on(users.get_users().with_prefetch(2).stream().try_next())
                .unwrap_err(),
            runtime
                .block_on(users.delete_all(["1"]).next())
                .unwrap()
                .result
                .unwrap_err(),
        ];
        for error in errors {
            assert!(error.is_configuration() && !error.is_retryable());
            assert!(error.to_string().contains("enable_all()"), "{error}");
        }
    }
}

#[test]
fn a_call_that_leaves_its_runtime_is_a_configuration_error() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (_fake, authress) = runtime.block_on(start(MockAuthress::builder().strict().users(1)));
    let mut call = authress.users().get_users().into_future();
    runtime.block_on(async { assert!(futures::poll!(&mut call).is_pending()) });
    let error = block_on(call).unwrap_err();
    assert_names_the_remedy(&error);
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[test]
fn a_client_is_built_without_a_runtime() {
    let authress = client();
    assert!(block_on(authress.access_token()).is_ok());
}
