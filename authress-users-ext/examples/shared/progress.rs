//! Progress bars on standard error, if it is a terminal.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};

/// Returns a counter for a list of unknown length: users, rate and elapsed time.
pub(crate) fn counter() -> ProgressBar {
    styled(
        ProgressBar::no_length(),
        "{spinner} {human_pos} users  {rate}  {elapsed}",
    )
}

/// Returns a bar for a known amount of work.
pub(crate) fn bar(total: u64) -> ProgressBar {
    styled(
        ProgressBar::new(total),
        "[{bar:30}] {human_pos} of {human_len}  {rate}  {elapsed}, {eta} left",
    )
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(100));
    }
    bar.with_style(style.with_key("rate", rate))
}

/// Shows whole users per second; more digits would flicker.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is small and not negative"
)]
fn rate(state: &ProgressState, text: &mut dyn Write) {
    let rate = HumanCount(state.per_sec().round() as u64);
    // Writing to a string does not fail.
    let _ = write!(text, "{rate}/s");
}
