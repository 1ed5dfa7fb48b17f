use std::time::Duration;

use super::fault::Fault;

/// A fault in every exchange, for a time or until it is stopped.
pub(crate) struct Outage {
    fault: Fault,
    /// The time of the fake at which the outage ends; none if it is endless.
    end: Option<Duration>,
}

impl Outage {
    pub(crate) fn endless(fault: Fault) -> Self {
        Self { fault, end: None }
    }

    pub(crate) fn until(end: Duration, fault: Fault) -> Self {
        Self {
            fault,
            end: Some(end),
        }
    }

    /// Returns the fault, unless the outage is over.
    pub(crate) fn fault_at(&self, now: Duration) -> Option<&Fault> {
        let is_over = self.end.is_some_and(|end| end <= now);
        (!is_over).then_some(&self.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_ends_by_the_clock() {
        let second = Duration::from_secs;
        let outage = Outage::until(second(5), Fault::ExpiredToken);
        assert_eq!(outage.fault_at(second(4)), Some(&Fault::ExpiredToken));
        assert_eq!(outage.fault_at(second(5)), None);
        let outage = Outage::endless(Fault::ExpiredToken);
        assert!(outage.fault_at(Duration::MAX).is_some());
    }
}
