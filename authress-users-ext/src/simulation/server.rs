//! A model of the API: users, links, lists, tokens and limits.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::deviations::{Deviations, UserForm};
use super::limit::RateLimit;
use super::time::wall_clock;

/// How far `iat` of a token may be ahead of the server's clock.
const LEEWAY: u64 = 60;

/// The action of a request, and the call of the simulation that sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) call: usize,
    pub(super) action: Action,
    token: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    Get(String),
    Delete(String),
    Link { tenant: String, user: String },
    List { start: usize, limit: usize },
}

/// Returns the id of a user as `call` sends it. The server ignores the part after `~`, which
/// distinguishes calls that name the same user.
pub(super) fn user_id(user: usize, call: usize) -> String {
    format!("user-{user}~{call}")
}

fn split_id(id: &str) -> (String, usize) {
    let (user, call) = id.split_once('~').expect("ids contain their call");
    (user.to_owned(), call.parse().expect("calls are numbered"))
}

/// A call, and the page of its list that a request is for.
pub(super) type PageOfCall = (usize, usize);

impl Request {
    /// The call, and the user at which the page starts.
    pub(super) fn page(&self) -> PageOfCall {
        match self.action {
            Action::List { start, .. } => (self.call, start),
            _ => (self.call, 0),
        }
    }

    /// Reads a request of the client.
    ///
    /// # Panics
    /// Panics if it is not one of the API.
    pub(super) fn read(request: &reqwest::Request) -> Self {
        let url = request.url();
        let path: Vec<_> = url.path_segments().into_iter().flatten().collect();
        let query: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        let (call, action) = match (request.method(), path.as_slice()) {
            (&Method::GET, ["v1", "users"]) => {
                let start = query.get("cursor").map_or(0, |cursor| {
                    let offset = cursor_start(cursor);
                    offset.expect("cursors are returned unchanged")
                });
                let limit = query
                    .get("limit")
                    .map_or(100, |limit| limit.parse().expect("limits are numbers"));
                let call = query["filter"].parse().expect("calls are numbered");
                (call, Action::List { start, limit })
            }
            (&Method::GET, ["v1", "users", id]) => {
                let (user, call) = split_id(id);
                (call, Action::Get(user))
            }
            (&Method::DELETE, ["v1", "users", id]) => {
                let (user, call) = split_id(id);
                (call, Action::Delete(user))
            }
            (&Method::PATCH, ["v1", "tenants", tenant, "users"]) => {
                let body = request.body().and_then(reqwest::Body::as_bytes);
                let body: Value = serde_json::from_slice(body.unwrap_or_default())
                    .expect("the body of a link is JSON");
                let (user, call) = split_id(body["userId"].as_str().unwrap_or_default());
                let tenant = (*tenant).to_owned();
                (call, Action::Link { tenant, user })
            }
            (method, path) => panic!("{method} {path:?} is not an operation of the API"),
        };
        let token = &request.headers()[header::AUTHORIZATION];
        let token = token
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Bearer "));
        Self {
            call,
            action,
            token: token.expect("every request has a token").to_owned(),
        }
    }
}

/// The user at which a page with this cursor starts.
pub(super) fn cursor_start(cursor: &str) -> Option<usize> {
    cursor.strip_prefix("from-")?.parse().ok()
}

/// A response of the server, or of a proxy before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) body: Bytes,
}

impl Reply {
    pub(super) fn new(status: u16) -> Self {
        Self {
            status: StatusCode::from_u16(status).expect("a status has three digits"),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// The response to a get of another user, as a cache with wrong keys sends it.
    pub(super) fn of_other_user(request: &Request) -> Option<Self> {
        let Action::Get(id) = &request.action else {
            return None;
        };
        let id = format!("other-{id}~{}", request.call);
        Some(Self::json(200, UserForm::WellFormed.json(&id)))
    }

    fn json(status: u16, body: String) -> Self {
        Self {
            body: body.into(),
            ..Self::new(status)
        }
    }

    pub(super) fn header_map(&self) -> HeaderMap {
        let parsed = self.headers.iter().map(|(name, value)| {
            let value = value.parse().expect("a valid header value");
            (name.clone(), value)
        });
        parsed.collect()
    }
}

/// The id and the name of a user.
pub(super) type UserText = (String, String);

/// What the requests of one call did, or those for one page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// How many requests the server received.
    pub(super) received: u32,
    /// Whether one of them changed a user.
    pub(super) has_changed: bool,
}

#[derive(Clone, Debug, Default)]
struct User {
    /// When the user is gone, once a deletion was accepted.
    gone_at: Option<Duration>,
    tenants: BTreeSet<String>,
}

impl User {
    fn exists(&self, now: Duration) -> bool {
        self.gone_at.is_none_or(|gone| now < gone)
    }
}

/// A token that the server has seen, with its times in seconds since the epoch.
#[derive(Clone, Debug)]
struct Token {
    issued: u64,
    expires: u64,
    is_revoked: bool,
}

/// The state of the account.
#[derive(Clone, Debug, Default)]
pub(super) struct Server {
    users: BTreeMap<String, User>,
    /// The list of users is apart from the users that calls change.
    list: Vec<UserForm>,
    pub(super) deviations: Deviations,
    pub(super) rate_limit: Option<RateLimit>,
    /// The limit of gets, if they have their own.
    pub(super) limit_of_gets: Option<RateLimit>,
    tokens: BTreeMap<String, Token>,
    /// How long a deleted user stays visible.
    deletion_delay: Duration,
    effects: BTreeMap<PageOfCall, Effects>,
}

impl Server {
    /// An account with `users` users for single calls, and the users `list` in its list.
    pub(super) fn new(users: usize, list: Vec<UserForm>, deletion_delay: Duration) -> Self {
        let users = (0..users).map(|user| (format!("user-{user}"), User::default()));
        Self {
            users: users.collect(),
            list,
            deletion_delay,
            ..Self::default()
        }
    }

    /// Processes a request that arrives at `now`.
    pub(super) fn process(&mut self, now: Duration, request: &Request) -> Reply {
        let mut reply = self.respond(now, request);
        if !reply.status.is_success() {
            let date = httpdate::fmt_http_date(wall_clock(now));
            reply.headers.push((header::DATE, date));
        }
        reply
    }

    fn respond(&mut self, now: Duration, request: &Request) -> Reply {
        self.effects.entry(request.page()).or_default().received += 1;
        let limit = match (&request.action, &mut self.limit_of_gets) {
            (Action::Get(_), Some(limit)) => Some(limit),
            _ => self.rate_limit.as_mut(),
        };
        if let Some(headers) = limit.and_then(|limit| limit.reject(now)) {
            return Reply {
                headers,
                ..Reply::new(429)
            };
        }
        if !self.accepts(now, &request.token) {
            return Reply::new(401);
        }
        let (id, user) = match &request.action {
            Action::List { start, limit } => return self.page(*start, *limit),
            Action::Get(id) | Action::Delete(id) | Action::Link { user: id, .. } => {
                (id, self.users.get_mut(id))
            }
        };
        let Some(user) = user.filter(|user| user.exists(now)) else {
            return Reply::json(404, json!({ "title": "no such user" }).to_string());
        };
        let effects = self.effects.entry(request.page()).or_default();
        match &request.action {
            Action::Delete(_) => {
                if user.gone_at.is_none() {
                    user.gone_at = Some(now + self.deletion_delay);
                    effects.has_changed = true;
                }
                Reply::new(self.deviations.delete)
            }
            Action::Link { tenant, .. } => {
                effects.has_changed |= user.tenants.insert(tenant.clone());
                Reply::new(self.deviations.link)
            }
            Action::Get(_) | Action::List { .. } => {
                let Deviations { read, user, .. } = self.deviations;
                Reply::json(read, user.json(&format!("{id}~{}", request.call)))
            }
        }
    }

    fn page(&self, start: usize, limit: usize) -> Reply {
        let end = self.list.len().min(start + limit);
        let users: Vec<_> = self.listed_json().take(end).skip(start).collect();
        let users = users.join(",");
        let next = (end < self.list.len()).then(|| json!({ "cursor": format!("from-{end}") }));
        let next = json!({ "next": next });
        Reply::json(
            self.deviations.read,
            format!(r#"{{"users":[{users}],"pagination":{next}}}"#),
        )
    }

    fn listed_json(&self) -> impl Iterator<Item = String> {
        let users = self.list.iter().enumerate();
        users.map(|(user, form)| form.json(&list_id(user)))
    }

    fn accepts(&mut self, now: Duration, jwt: &str) -> bool {
        if !self.tokens.contains_key(jwt) {
            self.tokens.insert(jwt.to_owned(), Token::read(jwt));
        }
        let token = &self.tokens[jwt];
        let now = seconds_since_epoch(now);
        !token.is_revoked && token.issued <= now + LEEWAY && now < token.expires
    }

    /// Revokes the tokens that were used until now.
    pub(super) fn revoke_tokens(&mut self) {
        for token in self.tokens.values_mut() {
            token.is_revoked = true;
        }
    }

    pub(super) fn effects(&self, page: PageOfCall) -> Effects {
        self.effects.get(&page).cloned().unwrap_or_default()
    }

    /// Whether the deletion of a user was accepted.
    pub(super) fn is_deleted(&self, user: usize) -> bool {
        self.users[&format!("user-{user}")].gone_at.is_some()
    }

    pub(super) fn is_linked(&self, user: usize, tenant: &str) -> bool {
        self.users[&format!("user-{user}")].tenants.contains(tenant)
    }

    /// The ids and names of the listed users that match the spec.
    pub(super) fn list(&self) -> impl Iterator<Item = UserText> {
        let users = self.list.iter().enumerate();
        users.filter_map(|(user, form)| Some((list_id(user), form.name()?.to_owned())))
    }

    /// The JSON of the listed users that do not match the spec.
    pub(super) fn skipped(&self) -> impl Iterator<Item = String> {
        let users = self.list.iter().zip(self.listed_json());
        users.filter_map(|(form, json)| form.name().is_none().then_some(json))
    }

    /// The user that a get of `id` returns.
    pub(super) fn user(&self, id: String) -> UserText {
        let name = self.deviations.user.name();
        (id, name.unwrap_or_default().to_owned())
    }
}

fn list_id(user: usize) -> String {
    format!("listed-{user}")
}

fn seconds_since_epoch(now: Duration) -> u64 {
    let time = wall_clock(now).duration_since(UNIX_EPOCH);
    time.unwrap_or_default().as_secs()
}

impl Token {
    fn read(jwt: &str) -> Self {
        let payload = jwt.split('.').nth(1).unwrap_or_default();
        let payload = URL_SAFE_NO_PAD
            .decode(payload)
            .expect("tokens are base64url");
        let claims: Value = serde_json::from_slice(&payload).expect("claims are JSON");
        let time = |name: &str| claims[name].as_u64().expect("tokens have times");
        Self {
            issued: time("iat"),
            expires: time("exp"),
            is_revoked: false,
        }
    }
}
