//! Rules for sequences of exchanges.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use serde_json::Value;
use url::form_urlencoded;

use super::context::ExchangeContext;
use super::request::decode;
use super::table::{
    DELETE_TAKES_EFFECT, LINK_TAKES_EFFECT, LIST_CURSOR_ADVANCES, LIST_CURSOR_VERBATIM,
    LIST_PAGE_SIZE, LIST_PARAMETERS_STABLE, LISTED_USER_READABLE, REPEAT_SAME_RESPONSE,
};
use crate::exchange::Exchange;
use crate::finding::Finding;
use crate::json;
use crate::omitted::Omitted;
use crate::operation::Operation;
use crate::spec::SpecOperation;

/// The parameters of a list without its cursor.
type ListParameters = BTreeMap<String, String>;

/// How many pages, users and requests a bounded sequence keeps.
const MAX_PAGES: usize = 1_000;
const MAX_KNOWN: usize = 10_000;

/// What the traffic so far shows of the account.
#[derive(Default)]
pub(crate) struct Sequence {
    is_bounded: bool,
    /// Whether a cursor may be older than the known pages.
    has_forgotten_pages: bool,
    /// The lists that returned each cursor.
    cursors: HashMap<String, Vec<PartialList>>,
    /// The cursors of requests.
    sent: HashSet<String>,
    /// All pages. Each refers to the previous page of its list, because a copy of the list per page
    /// would take quadratic memory.
    pages: Vec<Page>,
    /// Users in responses that no request has deleted since.
    seen: HashSet<String>,
    /// Users whose deletion was accepted.
    deleted: HashMap<String, Deletion>,
    /// Accepted links: tenant and user, and the finding if the list lacks the user.
    links: BTreeMap<(String, String), Finding>,
    /// The statuses of idempotent requests that succeeded since the last write. The keys are hashes,
    /// because a body may be long.
    succeeded: HashMap<u64, u16>,
    hasher: RandomState,
}

/// An accepted deletion.
struct Deletion {
    /// The finding if the user stays.
    finding: Finding,
    /// Whether the last read returned the user.
    is_readable: bool,
}

/// A list up to one of its pages.
#[derive(Clone, Default)]
struct PartialList {
    parameters: ListParameters,
    /// The index of its last page.
    last: Option<usize>,
    /// The number of its first exchange; none if the traffic starts later.
    started: Option<usize>,
}

/// A page of a list.
struct Page {
    cursor: Option<String>,
    users: Vec<String>,
    /// The index of the previous page.
    previous: Option<usize>,
}

impl Sequence {
    /// Forgets old exchanges, so that memory does not grow with the traffic.
    #[cfg(feature = "mock")]
    pub(crate) fn set_bounded(&mut self) {
        self.is_bounded = true;
    }

    /// Validates the next exchange that matches an operation.
    pub(crate) fn validate(
        &mut self,
        context: &ExchangeContext<'_>,
        operation: &SpecOperation,
    ) -> Vec<Finding> {
        if self.is_bounded {
            self.forget_old();
        }
        let Some(response) = &context.exchange.response else {
            // The outcome is unknown.
            self.forget(context, operation);
            return Vec::new();
        };
        let is_success = (200..300).contains(&response.status);
        let mut findings = Vec::new();
        findings.extend(self.validate_repetition(context, operation, response.status));
        let body = || json::value_or_null(&response.body);
        match operation.id.parse() {
            Ok(Operation::GetUsers) => {
                findings.extend(self.validate_list(context, operation, is_success, &body));
            }
            Ok(Operation::GetUser) => {
                let Some(id) = path_value(context, operation, "userId") else {
                    return findings;
                };
                if is_success {
                    self.seen.insert(id.clone());
                    if let Some(deletion) = self.deleted.get_mut(&id) {
                        deletion.is_readable = true;
                    }
                } else if response.status == 404 {
                    if let Some(deletion) = self.deleted.get_mut(&id) {
                        deletion.is_readable = false;
                    } else if self.seen.remove(&id) {
                        findings.push(context.finding(
                            &LISTED_USER_READABLE,
                            &operation.pointer,
                            "a user of an earlier response",
                            "404",
                        ));
                    }
                }
            }
            Ok(Operation::DeleteUser) => {
                let Some(id) = path_value(context, operation, "userId") else {
                    return findings;
                };
                self.forget(context, operation);
                if is_success {
                    let finding = context.finding(
                        &DELETE_TAKES_EFFECT,
                        &operation.pointer,
                        "no user after its accepted deletion",
                        "a user that can still be read",
                    );
                    let is_readable = false;
                    let deletion = self.deleted.entry(id);
                    deletion.or_insert(Deletion {
                        finding,
                        is_readable,
                    });
                }
            }
            Ok(Operation::LinkTenantUser) if is_success => {
                let tenant = path_value(context, operation, "tenantId");
                let sent = json::value_or_null(&context.exchange.request_body);
                if let (Some(tenant), Some(user)) = (tenant, sent["userId"].as_str()) {
                    let finding = context.finding(
                        &LINK_TAKES_EFFECT,
                        &operation.pointer,
                        "the user in the list of the tenant",
                        "a list without the user",
                    );
                    self.links.insert((tenant, user.to_owned()), finding);
                }
            }
            _ => {}
        }
        findings
    }

    /// Forgets what an unbounded sequence would grow by. What is forgotten causes no finding.
    fn forget_old(&mut self) {
        if self.pages.len() >= MAX_PAGES {
            self.pages.clear();
            self.cursors.clear();
            self.sent.clear();
            self.has_forgotten_pages = true;
        }
        if self.seen.len() >= MAX_KNOWN {
            self.seen.clear();
        }
        if self.deleted.len() >= MAX_KNOWN {
            self.deleted.clear();
        }
        if self.links.len() >= MAX_KNOWN {
            self.links.clear();
        }
        if self.succeeded.len() >= MAX_PAGES {
            self.succeeded.clear();
        }
    }

    /// Returns whether the cursor of a request, if it has one, is from the traffic. Others may be
    /// too old for the server.
    pub(crate) fn knows_cursor(&self, exchange: &Exchange) -> bool {
        let query = exchange.query().unwrap_or_default();
        let mut parameters = form_urlencoded::parse(query.as_bytes());
        let cursor = parameters.find(|(name, _)| name == "cursor");
        cursor.is_none_or(|(_, cursor)| self.cursors.contains_key(&*cursor))
    }

    /// Returns the findings that only the end of the traffic shows.
    pub(crate) fn finish(&mut self) -> Vec<Finding> {
        let deletions = std::mem::take(&mut self.deleted).into_values();
        let readable = deletions.filter(|deletion| deletion.is_readable);
        readable.map(|deletion| deletion.finding).collect()
    }

    /// Forgets a user that a request may have deleted.
    fn forget(&mut self, context: &ExchangeContext<'_>, operation: &SpecOperation) {
        let is_delete = is(operation, Operation::DeleteUser);
        if let Some(id) = path_value(context, operation, "userId").filter(|_| is_delete) {
            self.seen.remove(&id);
            self.links.retain(|(_, user), _| *user != id);
        }
    }

    fn validate_repetition(
        &mut self,
        context: &ExchangeContext<'_>,
        operation: &SpecOperation,
        status: u16,
    ) -> Option<Finding> {
        let exchange = context.exchange;
        let request =
            self.hasher
                .hash_one((&exchange.method, &exchange.target, &exchange.request_body));
        let is_success = (200..300).contains(&status);
        let before = self.succeeded.get(&request).copied();
        let is_write = exchange.method != "GET" && is_success;
        if is_write {
            self.succeeded.clear();
        }
        // Without its body, a request cannot be compared with earlier ones.
        if !operation.is_idempotent || context.lacks(Omitted::RequestBody) {
            return None;
        }
        if is_success {
            // A repeated deletion may get a 404.
            if !is(operation, Operation::DeleteUser) {
                self.succeeded.insert(request, status);
            }
            return None;
        }
        // Other errors, such as 401, 429 or 503, do not depend on the resource.
        let before = before.filter(|_| status == 404 && !is(operation, Operation::GetUser))?;
        Some(context.finding(
            &REPEAT_SAME_RESPONSE,
            &operation.pointer,
            format!("{before} again, because nothing was written in between"),
            status.to_string(),
        ))
    }

    fn validate_list(
        &mut self,
        context: &ExchangeContext<'_>,
        operation: &SpecOperation,
        is_success: bool,
        body: &dyn Fn() -> Value,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut parameters: ListParameters =
            form_urlencoded::parse(context.exchange.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let cursor = parameters.remove("cursor");
        let mut list = PartialList {
            parameters,
            started: cursor.is_none().then_some(context.number),
            ..PartialList::default()
        };
        if let Some(cursor) = &cursor {
            match self.cursors.get(cursor) {
                Some(lists) => {
                    match lists
                        .iter()
                        .find(|known| known.parameters == list.parameters)
                    {
                        Some(known) => list = known.clone(),
                        None => findings.push(context.finding(
                            &LIST_PARAMETERS_STABLE,
                            pointer_of(operation, "cursor"),
                            "the parameters of the page that returned the cursor",
                            "other parameters",
                        )),
                    }
                }
                // An unknown cursor may be older than the traffic, but not one that resembles a
                // known cursor.
                None if !self.has_forgotten_pages
                    && self.cursors.keys().any(|known| is_altered(known, cursor)) =>
                {
                    findings.push(context.finding(
                        &LIST_CURSOR_VERBATIM,
                        pointer_of(operation, "cursor"),
                        "a cursor exactly as the server returned it",
                        "an altered cursor",
                    ));
                }
                None => {}
            }
            self.sent.insert(cursor.clone());
        }
        if is_success {
            findings.extend(self.validate_page(context, operation, list, cursor, &body()));
        }
        findings
    }

    fn validate_page(
        &mut self,
        context: &ExchangeContext<'_>,
        operation: &SpecOperation,
        mut list: PartialList,
        cursor: Option<String>,
        page: &Value,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        // An invalid page shows nothing about the list.
        let Some(users) = page["users"].as_array() else {
            return findings;
        };
        let users: Vec<_> = users
            .iter()
            .filter_map(|user| user["userId"].as_str())
            .collect();
        let limit = operation
            .parameters_in("query")
            .find(|parameter| parameter.name == "limit");
        // The spec does not define what a server does with an invalid limit.
        let given = list
            .parameters
            .get("limit")
            .and_then(|given| given.parse::<u64>().ok());
        let given = given.filter(|given| {
            limit.is_some_and(|limit| limit.schema.violations(&Value::from(*given)).is_empty())
        });
        let max = given.or_else(|| {
            let schema = &limit
                .filter(|_| !list.parameters.contains_key("limit"))?
                .schema;
            schema
                .keyword("default")
                .or_else(|| schema.keyword("maximum"))?
                .as_u64()
        });
        if max.is_some_and(|max| users.len() as u64 > max) {
            findings.push(context.finding(
                &LIST_PAGE_SIZE,
                pointer_of(operation, "limit"),
                format!("at most {} users", max.unwrap_or_default()),
                users.len().to_string(),
            ));
        }
        let users: Vec<_> = users.into_iter().map(str::to_owned).collect();
        self.seen.extend(users.iter().cloned());
        self.pages.push(Page {
            cursor,
            users,
            previous: list.last,
        });
        list.last = Some(self.pages.len() - 1);
        let next = page["pagination"]["next"]["cursor"]
            .as_str()
            .filter(|next| !next.is_empty());
        let Some(next) = next else {
            findings.extend(self.validate_links(&list));
            return findings;
        };
        // The set lookup avoids the slow search in nearly every case.
        let is_used = self.sent.contains(next)
            && self
                .pages_back_from(&list)
                .any(|page| page.cursor.as_deref() == Some(next));
        if is_used {
            findings.push(context.finding(
                &LIST_CURSOR_ADVANCES,
                &operation.pointer,
                "a new cursor",
                "a cursor of an earlier request",
            ));
        }
        let known = self.cursors.entry(next.to_owned()).or_default();
        known.retain(|other| other.parameters != list.parameters);
        known.push(list);
        findings
    }

    /// Returns the pages of a list, from the last to the first.
    fn pages_back_from(&self, list: &PartialList) -> impl Iterator<Item = &Page> {
        let page = |index: Option<usize>| index.and_then(|index| self.pages.get(index));
        std::iter::successors(page(list.last), move |next| page(next.previous))
    }

    /// Checks that a complete list of a tenant has every user that was linked before it started.
    ///
    /// The finding is about the link, which had no effect.
    fn validate_links(&mut self, list: &PartialList) -> Option<Finding> {
        let started = list.started?;
        let tenant = list.parameters.get("tenantId")?;
        if list.parameters.contains_key("filter") {
            return None;
        }
        let users: HashSet<_> = self
            .pages_back_from(list)
            .flat_map(|page| &page.users)
            .collect();
        let missing = self.links.iter().find(|((linked, user), link)| {
            linked == tenant && link.exchange < started && !users.contains(user)
        });
        let key = missing.map(|(key, _)| key.clone())?;
        // One link is one finding.
        self.links.remove(&key)
    }
}

fn is(operation: &SpecOperation, other: Operation) -> bool {
    operation.id == other.id()
}

fn path_value(
    context: &ExchangeContext<'_>,
    operation: &SpecOperation,
    name: &str,
) -> Option<String> {
    let values = operation.template.values(context.exchange.path())?;
    decode(values.into_iter().find(|(own, _)| *own == name)?.1)
}

fn pointer_of(operation: &SpecOperation, parameter: &str) -> String {
    let declared = operation
        .parameters_in("query")
        .find(|own| own.name == parameter);
    declared
        .unwrap_or_else(|| &operation.parameters[0])
        .pointer
        .clone()
}

/// Returns whether a cursor is a known one that was encoded again, truncated, or changed in case.
fn is_altered(known: &str, sent: &str) -> bool {
    let encoded: String = form_urlencoded::byte_serialize(known.as_bytes()).collect();
    let normalize = |text: &str| {
        let plain = text.trim().trim_end_matches('=').to_lowercase();
        plain.replace(['+', ' '], "-").replace('/', "_")
    };
    let (known, sent, encoded) = (normalize(known), normalize(sent), normalize(&encoded));
    sent == known
        || sent == encoded
        || (sent.len() >= 8 && known.starts_with(&sent))
        || (known.len() >= 8 && sent.starts_with(&known))
}
