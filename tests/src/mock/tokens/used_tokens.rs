use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};

/// How many of the last tokens are known.
const MAX_KNOWN: usize = 10_000;

/// The bearer tokens that clients have used, as hashes.
#[derive(Default)]
pub(crate) struct UsedTokens {
    hasher: RandomState,
    known: HashSet<u64>,
    revoked: HashSet<u64>,
    /// The known tokens in the order of their first use.
    order: VecDeque<u64>,
    distinct: usize,
}

impl UsedTokens {
    pub(crate) fn add(&mut self, token: &str) {
        let token = self.hasher.hash_one(token);
        if !self.known.insert(token) {
            return;
        }
        self.distinct += 1;
        self.order.push_back(token);
        if self.order.len() > MAX_KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
            self.revoked.remove(&oldest);
        }
    }

    /// Returns the number of different tokens so far.
    pub(crate) fn distinct(&self) -> usize {
        self.distinct
    }

    /// Revokes the known tokens.
    pub(crate) fn revoke(&mut self) {
        self.revoked.clone_from(&self.known);
    }

    pub(crate) fn is_revoked(&self, token: &str) -> bool {
        self.revoked.contains(&self.hasher.hash_one(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_tokens_are_bounded() {
        let mut tokens = UsedTokens::default();
        tokens.add("first");
        tokens.revoke();
        tokens.add("second");
        assert!(tokens.is_revoked("first") && !tokens.is_revoked("second"));
        for number in 0..MAX_KNOWN {
            tokens.add(&number.to_string());
        }
        assert_eq!(tokens.distinct(), MAX_KNOWN + 2);
        assert_eq!(tokens.known.len(), MAX_KNOWN);
        assert!(!tokens.is_revoked("first"));
    }
}
