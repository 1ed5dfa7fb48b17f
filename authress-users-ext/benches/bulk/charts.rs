//! Draws the charts of the guide.

use std::path::{Path, PathBuf};

use plotters::prelude::*;

use crate::jobs::Job;
use crate::limit_change::Second;
use crate::setup::Done;
use crate::table::grouped;

const ACCEPTED: RGBColor = RGBColor(31, 119, 180);
const REJECTED: RGBColor = RGBColor(214, 39, 40);
const LIMIT: RGBColor = RGBColor(127, 127, 127);
const FONT: &str = "sans-serif";

fn path(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("guide/charts");
    folder.join(name).with_extension("svg")
}

/// Draws accepted and rejected requests over time, as one step per second.
pub(crate) fn draw_limit_change(seconds: &[Second]) -> Done {
    let path = path("limit_change");
    let area = SVGBackend::new(&path, (760, 320)).into_drawing_area();
    area.fill(&WHITE)?;
    let highest = seconds
        .iter()
        .map(|second| second.accepted.max(second.rejected).max(second.limit))
        .fold(0.0, f64::max);
    let end = u32::try_from(seconds.len())?;
    let mut chart = ChartBuilder::on(&area)
        .caption("Requests per second while the limit changes", (FONT, 16))
        .margin(10)
        .x_label_area_size(34)
        .y_label_area_size(40)
        .build_cartesian_2d(0..end, 0.0..highest * 1.05)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_desc("seconds")
        .max_light_lines(1)
        .y_label_formatter(&|value| format!("{value:.0}"))
        .label_style((FONT, 12))
        .draw()?;
    for (name, color, value) in [
        (
            "limit",
            LIMIT,
            (|second| second.limit) as fn(&Second) -> f64,
        ),
        ("accepted", ACCEPTED, |second| second.accepted),
        ("rejected with 429", REJECTED, |second| second.rejected),
    ] {
        let steps = (0..).zip(seconds).flat_map(|(start, second)| {
            let value = value(second);
            [(start, value), (start + 1, value)]
        });
        chart
            .draw_series(LineSeries::new(steps, color.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperMiddle)
        .background_style(WHITE.mix(0.8))
        .label_font((FONT, 12))
        .draw()?;
    Ok(area.present()?)
}

/// Draws the share of failed users for each job that was measured before.
pub(crate) fn draw_jobs(jobs: &[Job]) -> Done {
    const LEFT: i32 = 350;
    const WIDTH: f64 = 260.0;
    const ROW: i32 = 46;
    const TOP: i32 = 64;
    let path = path("jobs");
    let compared: Vec<_> = jobs
        .iter()
        .filter_map(|job| Some((job, job.failed_before?)))
        .collect();
    let rows = i32::try_from(compared.len())?;
    let height = u32::try_from(TOP + rows * ROW)?;
    let area = SVGBackend::new(&path, (760, height)).into_drawing_area();
    area.fill(&WHITE)?;
    let text = |text: String, at, size| Text::new(text, at, (FONT, size).into_font());
    area.draw(&text("Failed items of jobs".to_owned(), (10, 10), 16))?;
    area.draw(&text("version before".to_owned(), (LEFT + 18, 36), 12))?;
    area.draw(&square((LEFT, 36), LIMIT))?;
    area.draw(&text("this version".to_owned(), (LEFT + 138, 36), 12))?;
    area.draw(&square((LEFT + 120, 36), ACCEPTED))?;
    for (row, (job, failed_before)) in (0..).zip(compared) {
        let y = TOP + row * ROW;
        area.draw(&text(job.name.to_owned(), (10, y + 8), 12))?;
        for (failed, y, color) in [(failed_before, y, LIMIT), (job.failed, y + 16, ACCEPTED)] {
            let share = as_f64(failed) / as_f64(job.items);
            let right = LEFT + pixels(share * WIDTH);
            area.draw(&Rectangle::new(
                [(LEFT, y), (right.max(LEFT + 1), y + 14)],
                color.filled(),
            ))?;
            let label = format!(
                "{} of {}",
                grouped(failed as u64),
                grouped(job.items as u64)
            );
            area.draw(&text(label, (right + 6, y), 12))?;
        }
    }
    Ok(area.present()?)
}

fn square((x, y): (i32, i32), color: RGBColor) -> Rectangle<(i32, i32)> {
    Rectangle::new([(x, y), (x + 12, y + 12)], color.filled())
}

#[expect(clippy::cast_precision_loss, reason = "these are thousands")]
fn as_f64(count: usize) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a chart has some hundred pixels"
)]
fn pixels(length: f64) -> i32 {
    length.round() as i32
}
