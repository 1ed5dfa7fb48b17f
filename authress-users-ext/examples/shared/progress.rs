//! Progress for whoever watches: on standard error, if that is a terminal, and nowhere else.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};

/// For a list whose end is not known: users, rate and time so far.
pub(crate) fn counter() -> ProgressBar {
    styled(
        ProgressBar::no_length(),
        "{spinner} {human_pos} users  {rate}  {elapsed}",
    )
}

/// For work whose amount is known.
pub(crate) fn bar(total: u64) -> ProgressBar {
    styled(
        ProgressBar::new(total),
        "[{bar:30}] {human_pos} of {human_len}  {rate}  {elapsed}, {eta} to go",
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

/// Whole users a second: more digits only flicker.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is small and not negative"
)]
fn rate(state: &ProgressState, text: &mut dyn Write) {
    let rate = HumanCount(state.per_sec().round() as u64);
    // A text in memory takes everything.
    let _ = write!(text, "{rate}/s");
}
