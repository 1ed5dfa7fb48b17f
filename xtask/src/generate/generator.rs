//! Runs progenitor, which panics on what it does not support.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use quote::quote;
use serde_json::Value;

/// The name and version in generated files. The root manifest pins the version; a test compares.
pub(super) const GENERATOR: &str = "progenitor 0.15.1";

/// Serializes the replacement of the panic hook, which belongs to the whole process.
static PANIC_HOOK: Mutex<()> = Mutex::new(());

/// Generates a client from a lowered document.
pub(super) fn run(lowered: &Value) -> Result<syn::File, String> {
    let spec: openapiv3::OpenAPI = serde_json::from_value(lowered.clone())
        .map_err(|reason| format!("the document does not follow OpenAPI 3.0: {reason}"))?;
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(()));
    let outcome = without_panic_messages(|| Generator::new(&settings).generate_tokens(&spec));
    let tokens = match outcome {
        Ok(result) => result.map_err(|reason| reason.to_string())?,
        Err(reason) => return Err(format!("the generator panicked: {reason}")),
    };
    syn::parse2(tokens).map_err(|reason| format!("the generated code is not Rust: {reason}"))
}

/// Calls a function that may panic, and returns the panic's message as the error.
fn without_panic_messages<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    let _guard = PANIC_HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = panic::catch_unwind(AssertUnwindSafe(call));
    panic::set_hook(hook);
    outcome.map_err(|panic| {
        panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("without a message")
            .to_owned()
    })
}
