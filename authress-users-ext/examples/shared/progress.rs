//! Progress for whoever watches: on standard error, if that is a terminal, and nowhere else.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// For a list whose end is not known: users, rate and time so far.
pub(crate) fn counter() -> ProgressBar {
    styled(
        ProgressBar::no_length(),
        "{spinner} {human_pos} users  {per_sec}  {elapsed}",
    )
}

/// For work whose amount is known.
pub(crate) fn bar(total: u64) -> ProgressBar {
    styled(
        ProgressBar::new(total),
        "[{bar:30}] {human_pos} of {human_len}  {per_sec}  {elapsed}, {eta} to go",
    )
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(100));
    }
    bar.with_style(style)
}
