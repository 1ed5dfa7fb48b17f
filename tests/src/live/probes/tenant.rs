//! Tenants: a list by tenant has only the users of the tenant.

use uuid::Uuid;

use super::filter::tenant_is_empty;
use crate::live::known::Known;
use crate::live::probe::{Family, Needs, Probe};
use crate::live::session::Session;

const UNKNOWN: Probe = Probe::new(Family::Tenant, Needs::Reads, "a tenant that does not exist");
pub(crate) const PROBES: &[&Probe] = &[&UNKNOWN];

/// Lists the users of an unknown tenant. Returns whether it has none.
pub(crate) async fn run(session: &mut Session<'_>, known: &Known) -> bool {
    if known.users.is_empty() {
        session.skip(&UNKNOWN, "the account has no users");
        return true;
    }
    session.begin(&UNKNOWN) && tenant_is_empty(session, &Uuid::new_v4().to_string()).await
}
