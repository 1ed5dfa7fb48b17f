//! Which probes were tried, which could not be tried and why, and what a flag would add.

use super::probe::{Family, Needs, Probe};

/// The reason for a probe that no family started.
const DECIDED: &str = "an earlier finding decides it";

/// The state of all probes of a run.
pub(super) struct Plan {
    allowed: Vec<Needs>,
    probes: Vec<(&'static Probe, State)>,
}

enum State {
    Open,
    Tried,
    Skipped(String),
}

impl Plan {
    pub(super) fn new(probes: Vec<&'static Probe>, allowed: Vec<Needs>) -> Self {
        let open = probes.into_iter().map(|probe| (probe, State::Open));
        Self {
            allowed,
            probes: open.collect(),
        }
    }

    pub(super) fn allows(&self, needs: Needs) -> bool {
        needs == Needs::Reads || self.allowed.contains(&needs)
    }

    pub(super) fn set_tried(&mut self, probe: &'static Probe) {
        self.set(probe, State::Tried);
    }

    /// Names a probe that could not be tried. The first reason remains.
    pub(super) fn skip(&mut self, probe: &'static Probe, reason: &str) {
        if self.allows(probe.needs) {
            self.set(probe, State::Skipped(reason.to_owned()));
        }
    }

    fn set(&mut self, probe: &'static Probe, state: State) {
        let found = self.probes.iter_mut().find(|(own, _)| *own == probe);
        if let Some((_, own)) = found
            && !matches!(own, State::Skipped(_))
        {
            *own = state;
        }
    }

    /// Names every probe that was not tried yet.
    pub(super) fn skip_rest(&mut self, reason: &str) {
        let allowed = &self.allowed;
        for (probe, state) in &mut self.probes {
            let is_allowed = probe.needs == Needs::Reads || allowed.contains(&probe.needs);
            if is_allowed && matches!(state, State::Open) {
                *state = State::Skipped(reason.to_owned());
            }
        }
    }

    /// Returns a line for each family with the probes that were tried.
    pub(super) fn tried(&self) -> Vec<String> {
        self.lines(|_, state| matches!(state, State::Tried).then(String::new))
    }

    /// Returns a line for each family with the probes that could not be tried, and a line for each
    /// flag with those that it adds.
    pub(super) fn not_tried(&self) -> Vec<String> {
        let skipped = self.lines(|probe, state| match state {
            State::Skipped(reason) => Some(format!(" ({reason})")),
            State::Open if self.allows(probe.needs) => Some(format!(" ({DECIDED})")),
            _ => None,
        });
        let mut lines: Vec<_> = skipped
            .into_iter()
            .map(|line| format!("not tried: {line}"))
            .collect();
        for needs in Needs::WITH_FLAGS {
            let added = self
                .lines(|probe, _| (probe.needs == needs && !self.allows(needs)).then(String::new));
            if !added.is_empty() {
                lines.push(format!(
                    "not tried: {} would add {}",
                    needs.flags(),
                    added.join("; ")
                ));
            }
        }
        lines
    }

    /// Returns a line for each family with the probes for which `suffix` returns a text.
    fn lines(&self, suffix: impl Fn(&Probe, &State) -> Option<String>) -> Vec<String> {
        let of_family = |family: Family| {
            let own = self.probes.iter().filter(|(own, _)| own.family == family);
            let named: Vec<_> = own
                .filter_map(|(probe, state)| {
                    Some(format!("{}{}", probe.what, suffix(probe, state)?))
                })
                .collect();
            (!named.is_empty()).then(|| format!("{family}: {}", named.join(", ")))
        };
        Family::ALL.into_iter().filter_map(of_family).collect()
    }
}
