//! The table of measured and expected figures.

/// One row per figure.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

struct Row {
    what: String,
    client: String,
    baseline: String,
    ratio: String,
    limit: String,
}

/// An upper bound.
pub(crate) struct Target {
    pub(crate) text: String,
    pub(crate) is_met: bool,
}

impl Table {
    /// Adds a figure without a comparison.
    pub(crate) fn add(&mut self, what: &str, figure: &str, target: Option<Target>) {
        self.push(what, figure, "", "", target);
    }

    /// Adds both sides and their ratio, with its upper bound.
    pub(crate) fn ratio(
        &mut self,
        what: &str,
        client: &str,
        baseline: &str,
        ratio: f64,
        at_most: Option<f64>,
    ) {
        let target = at_most.map(|at_most| Target {
            text: format!("{at_most:.2}"),
            is_met: ratio <= at_most,
        });
        self.push(what, client, baseline, &format!("{ratio:.2}"), target);
    }

    fn push(
        &mut self,
        what: &str,
        client: &str,
        baseline: &str,
        ratio: &str,
        target: Option<Target>,
    ) {
        let limit = target.map_or_else(String::new, |target| {
            let verdict = if target.is_met { "met" } else { "EXCEEDED" };
            format!("{}: {verdict}", target.text)
        });
        self.0.push(Row {
            what: what.to_owned(),
            client: client.to_owned(),
            baseline: baseline.to_owned(),
            ratio: ratio.to_owned(),
            limit,
        });
    }

    /// Prints the table as Markdown, between two lines that a script looks for.
    pub(crate) fn print(&self) {
        println!("\n<!-- measured -->");
        println!("| measurement | client | baseline | ratio | limit |");
        println!("|---|---:|---:|---:|---|");
        for row in &self.0 {
            println!(
                "| {} | {} | {} | {} | {} |",
                row.what, row.client, row.baseline, row.ratio, row.limit
            );
        }
        println!("<!-- end -->");
    }
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
