//! What several exchanges must be like together.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;
use url::form_urlencoded;

use super::request::decode;
use super::{
    DELETE_TAKES_EFFECT, LINK_TAKES_EFFECT, LIST_CURSOR_ADVANCES, LIST_CURSOR_VERBATIM,
    LIST_PAGE_SIZE, LIST_PARAMETERS_STABLE, LISTED_USER_READABLE, REPEAT_SAME_ANSWER, Scene,
};
use crate::finding::Finding;
use crate::omitted::LeftOut;
use crate::spec::SpecOperation;

/// The parameters of a list but for its cursor.
type ListParameters = BTreeMap<String, String>;

/// What the traffic so far has shown of the account.
#[derive(Default)]
pub(crate) struct Sequence {
    /// The lists that have named each cursor.
    cursors: HashMap<String, Vec<ListSoFar>>,
    /// Every cursor that was sent.
    sent: HashSet<String>,
    /// All pages, each with its way back: a list of ten thousand would not fit into memory ten
    /// thousand times.
    pages: Vec<Page>,
    /// Users that an answer has shown, until somebody asks to delete them.
    seen: HashSet<String>,
    /// Users whose deletion was accepted, with what a read has last said of them.
    deleted: HashMap<String, Option<Finding>>,
    /// Links that were accepted: tenant, user, and the number of the exchange.
    links: BTreeMap<(String, String), usize>,
    /// Idempotent requests that succeeded since somebody last wrote.
    succeeded: HashMap<(String, String, Vec<u8>), u16>,
}

/// A list, up to a page of it.
#[derive(Clone, Default)]
struct ListSoFar {
    parameters: ListParameters,
    /// The place of its last page.
    last: Option<usize>,
    /// The number of its first exchange; none if its start was not seen.
    started: Option<usize>,
}

/// A page of a list.
struct Page {
    cursor: Option<String>,
    users: Vec<String>,
    /// The place of the page before.
    before: Option<usize>,
}

impl Sequence {
    /// Takes in an exchange that belongs to an operation.
    pub(crate) fn judge(&mut self, scene: &Scene<'_>, operation: &SpecOperation) -> Vec<Finding> {
        let Some(response) = &scene.exchange.response else {
            // Nobody knows what it did.
            self.forget(scene, operation);
            return Vec::new();
        };
        let is_success = (200..300).contains(&response.status);
        let mut findings = Vec::new();
        findings.extend(self.judge_repetition(scene, operation, response.status));
        let body = || serde_json::from_slice::<Value>(&response.body).unwrap_or_default();
        match operation.id.as_str() {
            "getUsers" => findings.extend(self.judge_list(scene, operation, is_success, &body)),
            "getUser" => {
                let Some(id) = path_value(scene, operation, "userId") else {
                    return findings;
                };
                if is_success {
                    self.seen.insert(id.clone());
                    if let Some(last) = self.deleted.get_mut(&id) {
                        *last = Some(scene.finding(
                            &DELETE_TAKES_EFFECT,
                            &operation.pointer,
                            "no user after its deletion was accepted",
                            format!("it, with status {}", response.status),
                        ));
                    }
                } else if response.status == 404 {
                    if let Some(last) = self.deleted.get_mut(&id) {
                        *last = None;
                    } else if self.seen.remove(&id) {
                        findings.push(scene.finding(
                            &LISTED_USER_READABLE,
                            &operation.pointer,
                            "a user that was seen before",
                            "404",
                        ));
                    }
                }
            }
            "deleteUser" => {
                let Some(id) = path_value(scene, operation, "userId") else {
                    return findings;
                };
                self.forget(scene, operation);
                if is_success {
                    self.deleted.insert(id, None);
                }
            }
            "linkTenantUser" if is_success => {
                let tenant = path_value(scene, operation, "tenantId");
                let sent: Value =
                    serde_json::from_slice(&scene.exchange.request_body).unwrap_or_default();
                if let (Some(tenant), Some(user)) = (tenant, sent["userId"].as_str()) {
                    self.links.insert((tenant, user.to_owned()), scene.number);
                }
            }
            _ => {}
        }
        findings
    }

    /// What only the end of the traffic tells.
    pub(crate) fn finish(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.deleted)
            .into_values()
            .flatten()
            .collect()
    }

    /// A user that somebody has asked to delete may be gone, and may be not.
    fn forget(&mut self, scene: &Scene<'_>, operation: &SpecOperation) {
        let is_delete = operation.id == "deleteUser";
        if let Some(id) = path_value(scene, operation, "userId").filter(|_| is_delete) {
            self.seen.remove(&id);
            self.links.retain(|(_, user), _| *user != id);
        }
    }

    fn judge_repetition(
        &mut self,
        scene: &Scene<'_>,
        operation: &SpecOperation,
        status: u16,
    ) -> Option<Finding> {
        let exchange = scene.exchange;
        let request = (
            exchange.method.clone(),
            exchange.target.clone(),
            exchange.request_body.clone(),
        );
        let is_success = (200..300).contains(&status);
        let before = self.succeeded.get(&request).copied();
        if exchange.method == "GET" || !is_success {
            // What reads changes nothing, and a refusal neither.
        } else {
            self.succeeded.clear();
        }
        // Without its body nobody knows whether a request is one that was seen before.
        if !operation.is_idempotent || scene.lacks(LeftOut::RequestBody) {
            return None;
        }
        if is_success {
            // A second deletion finds nothing to delete, and may say so.
            if operation.id != "deleteUser" {
                self.succeeded.insert(request, status);
            }
            return None;
        }
        // The API may be busy or the token over; that the thing is gone is another matter.
        let before = before.filter(|_| status == 404 && operation.id != "getUser")?;
        Some(scene.finding(
            &REPEAT_SAME_ANSWER,
            &operation.pointer,
            format!("{before} again, since nobody has written in between"),
            status.to_string(),
        ))
    }

    fn judge_list(
        &mut self,
        scene: &Scene<'_>,
        operation: &SpecOperation,
        is_success: bool,
        body: &dyn Fn() -> Value,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut parameters: ListParameters =
            form_urlencoded::parse(scene.exchange.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let cursor = parameters.remove("cursor");
        let mut list = ListSoFar {
            parameters,
            started: cursor.is_none().then_some(scene.number),
            ..ListSoFar::default()
        };
        if let Some(cursor) = &cursor {
            match self.cursors.get(cursor) {
                Some(lists) => {
                    match lists
                        .iter()
                        .find(|known| known.parameters == list.parameters)
                    {
                        Some(known) => list = known.clone(),
                        None => findings.push(scene.finding(
                            &LIST_PARAMETERS_STABLE,
                            pointer_of(operation, "cursor"),
                            "the parameters of the page that named the cursor",
                            "others",
                        )),
                    }
                }
                // One that nobody has named may be from before the traffic; one that is nearly the
                // same as one that was named is not.
                None if self.cursors.keys().any(|named| is_nearly(named, cursor)) => {
                    findings.push(scene.finding(
                        &LIST_CURSOR_VERBATIM,
                        pointer_of(operation, "cursor"),
                        "a cursor exactly as it came",
                        "one that was changed on the way",
                    ));
                }
                None => {}
            }
            self.sent.insert(cursor.clone());
        }
        if is_success {
            findings.extend(self.judge_page(scene, operation, list, cursor, &body()));
        }
        findings
    }

    fn judge_page(
        &mut self,
        scene: &Scene<'_>,
        operation: &SpecOperation,
        mut list: ListSoFar,
        cursor: Option<String>,
        page: &Value,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        // A page that can't be read says nothing of the list.
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
        // What a server does with a limit that is none is its own affair.
        let given = list
            .parameters
            .get("limit")
            .and_then(|given| given.parse::<u64>().ok());
        let given = given.filter(|given| {
            limit.is_some_and(|limit| limit.schema.misfits(&Value::from(*given)).is_empty())
        });
        let most = given.or_else(|| {
            let schema = &limit
                .filter(|_| !list.parameters.contains_key("limit"))?
                .schema;
            schema
                .keyword("default")
                .or_else(|| schema.keyword("maximum"))?
                .as_u64()
        });
        if most.is_some_and(|most| users.len() as u64 > most) {
            findings.push(scene.finding(
                &LIST_PAGE_SIZE,
                pointer_of(operation, "limit"),
                format!("at most {} users", most.unwrap_or_default()),
                users.len().to_string(),
            ));
        }
        let users: Vec<_> = users.into_iter().map(str::to_owned).collect();
        self.seen.extend(users.iter().cloned());
        self.pages.push(Page {
            cursor,
            users,
            before: list.last,
        });
        list.last = Some(self.pages.len() - 1);
        let next = page["pagination"]["next"]["cursor"]
            .as_str()
            .filter(|next| !next.is_empty());
        let Some(next) = next else {
            findings.extend(self.judge_links(scene, operation, &list));
            return findings;
        };
        // Nearly every cursor is new, and the way back is long.
        let is_used = self.sent.contains(next)
            && self
                .way_back(&list)
                .any(|page| page.cursor.as_deref() == Some(next));
        if is_used {
            findings.push(scene.finding(
                &LIST_CURSOR_ADVANCES,
                &operation.pointer,
                "a cursor that leads on",
                "one that was used already",
            ));
        }
        let known = self.cursors.entry(next.to_owned()).or_default();
        known.retain(|other| other.parameters != list.parameters);
        known.push(list);
        findings
    }

    /// The pages of a list, from the last to the first.
    fn way_back(&self, list: &ListSoFar) -> impl Iterator<Item = &Page> {
        let page = |place: Option<usize>| place.and_then(|place| self.pages.get(place));
        std::iter::successors(page(list.last), move |after| page(after.before))
    }

    /// A list that has come to its end has every user that was linked before it began.
    fn judge_links(
        &self,
        scene: &Scene<'_>,
        operation: &SpecOperation,
        list: &ListSoFar,
    ) -> Option<Finding> {
        let started = list.started?;
        let tenant = list.parameters.get("tenantId")?;
        if list.parameters.contains_key("filter") {
            return None;
        }
        let users: HashSet<_> = self.way_back(list).flat_map(|page| &page.users).collect();
        let lacks_one = self.links.iter().any(|((linked, user), number)| {
            linked == tenant && *number < started && !users.contains(user)
        });
        lacks_one.then(|| {
            scene.finding(
                &LINK_TAKES_EFFECT,
                &operation.pointer,
                "every user that was linked to the tenant",
                "a list without one of them",
            )
        })
    }
}

fn path_value(scene: &Scene<'_>, operation: &SpecOperation, name: &str) -> Option<String> {
    let values = operation.template.values(scene.exchange.path())?;
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

/// Whether a cursor is another one, encoded again, cut off, or in another case.
fn is_nearly(named: &str, sent: &str) -> bool {
    let encoded: String = form_urlencoded::byte_serialize(named.as_bytes()).collect();
    let bare = |text: &str| {
        let plain = text.trim().trim_end_matches('=').to_lowercase();
        plain.replace(['+', ' '], "-").replace('/', "_")
    };
    let (named, sent, encoded) = (bare(named), bare(sent), bare(&encoded));
    sent == named
        || sent == encoded
        || (sent.len() >= 8 && named.starts_with(&sent))
        || (named.len() >= 8 && sent.starts_with(&named))
}
