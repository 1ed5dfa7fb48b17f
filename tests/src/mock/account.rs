use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::cursor;

/// The users and tenants of the fake's account.
#[derive(Clone, Default)]
pub(crate) struct Account {
    users: BTreeMap<u64, Value>,
    numbers: HashMap<String, u64>,
    tenants: HashMap<String, BTreeSet<u64>>,
    next_number: u64,
}

/// A page of the list of users.
pub(crate) struct UserPage {
    pub(crate) users: Vec<Value>,
    pub(crate) next_cursor: Option<String>,
    /// The number of the last user; that of the request if the page is empty.
    pub(crate) last: u64,
}

/// The reason why a link failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    User,
    Tenant,
}

impl Account {
    /// Adds a user at the end of the list, or replaces the one with the same id.
    pub(crate) fn add_user(&mut self, user: Value) {
        let id = user["userId"].as_str().unwrap_or_default().to_owned();
        let number = *self.numbers.entry(id).or_insert_with(|| {
            self.next_number += 1;
            self.next_number
        });
        self.users.insert(number, user);
    }

    pub(crate) fn add_tenant(&mut self, tenant: String) {
        self.tenants.entry(tenant).or_default();
    }

    pub(crate) fn user(&self, id: &str) -> Option<&Value> {
        self.users.get(self.numbers.get(id)?)
    }

    pub(crate) fn user_ids(&self) -> Vec<String> {
        self.users
            .values()
            .filter_map(|user| user["userId"].as_str().map(str::to_owned))
            .collect()
    }

    /// Removes a user and its links. Returns whether the user existed.
    pub(crate) fn delete_user(&mut self, id: &str) -> bool {
        let Some(number) = self.numbers.remove(id) else {
            return false;
        };
        self.users.remove(&number);
        for linked in self.tenants.values_mut() {
            linked.remove(&number);
        }
        true
    }

    pub(crate) fn link(&mut self, tenant: &str, id: &str) -> Result<(), Missing> {
        let linked = self.tenants.get_mut(tenant).ok_or(Missing::Tenant)?;
        linked.insert(*self.numbers.get(id).ok_or(Missing::User)?);
        Ok(())
    }

    /// Returns whether a link would succeed.
    pub(crate) fn can_link(&self, tenant: &str, id: &str) -> Result<(), Missing> {
        match (
            self.tenants.contains_key(tenant),
            self.numbers.contains_key(id),
        ) {
            (false, _) => Err(Missing::Tenant),
            (true, false) => Err(Missing::User),
            (true, true) => Ok(()),
        }
    }

    /// Removes all users of a tenant.
    pub(crate) fn unlink_all(&mut self, tenant: &str) {
        if let Some(linked) = self.tenants.get_mut(tenant) {
            linked.clear();
        }
    }

    /// Returns the tenants of a user.
    pub(crate) fn tenants_of(&self, id: &str) -> Vec<String> {
        let tenants = self
            .tenants
            .keys()
            .filter(|tenant| self.is_linked(tenant, id));
        tenants.cloned().collect()
    }

    pub(crate) fn is_linked(&self, tenant: &str, id: &str) -> bool {
        let linked = self.tenants.get(tenant);
        linked
            .zip(self.numbers.get(id))
            .is_some_and(|(linked, number)| linked.contains(number))
    }

    /// Returns up to `limit` selected users after the one with the number `after`.
    pub(crate) fn list(
        &self,
        after: u64,
        limit: usize,
        is_selected: impl Fn(&Value) -> bool,
        tenant: Option<&str>,
    ) -> UserPage {
        let numbers: Box<dyn Iterator<Item = &u64>> =
            match tenant.map(|name| self.tenants.get(name)) {
                None => Box::new(self.users.range(after + 1..).map(|(number, _)| number)),
                Some(Some(linked)) => Box::new(linked.range(after + 1..)),
                Some(None) => Box::new(std::iter::empty()),
            };
        let mut found = numbers
            .filter_map(|number| Some((number, self.users.get(number)?)))
            .filter(|(_, user)| is_selected(user));
        let mut last = after;
        let users = found
            .by_ref()
            .take(limit)
            .map(|(number, user)| {
                last = *number;
                user.clone()
            })
            .collect();
        let next_cursor = found.next().is_some().then(|| cursor::encode(last));
        UserPage {
            users,
            next_cursor,
            last,
        }
    }
}

/// Returns whether a string member of the user fulfills a condition.
pub(crate) fn has_text(user: &Value, condition: impl Fn(&str) -> bool) -> bool {
    user.as_object().is_some_and(|members| {
        let mut texts = members.values().filter_map(Value::as_str);
        texts.any(condition)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cursors_stay_valid_when_users_are_added_and_deleted() {
        let mut account = Account::default();
        for number in 0..10 {
            account.add_user(json!({ "userId": number.to_string() }));
        }
        let first = account.list(0, 4, |_| true, None);
        let after = cursor::decode(&first.next_cursor.unwrap()).unwrap();
        account.delete_user("3");
        account.delete_user("5");
        account.add_user(json!({ "userId": "new" }));
        let rest = account.list(after, 100, |_| true, None);
        let ids: Vec<_> = rest
            .users
            .iter()
            .map(|user| user["userId"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["4", "6", "7", "8", "9", "new"]);
        assert_eq!(rest.next_cursor, None);
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        let mut account = Account::default();
        for number in 0..4 {
            account.add_user(json!({ "userId": number.to_string(), "name": "Ada" }));
        }
        assert_eq!(account.list(0, 4, |_| true, None).next_cursor, None);
        let is_ada = |user: &Value| has_text(user, |text| text == "Ada");
        assert_eq!(account.list(0, 4, is_ada, None).users.len(), 4);
        assert!(account.list(0, 3, is_ada, None).next_cursor.is_some());
        assert!(account.list(0, 3, |_| false, None).users.is_empty());
    }

    #[test]
    fn deleting_a_user_removes_its_links() {
        let mut account = Account::default();
        account.add_user(json!({ "userId": "1" }));
        account.add_tenant("acme".to_owned());
        assert_eq!(account.link("acme", "2"), Err(Missing::User));
        assert_eq!(account.link("nowhere", "1"), Err(Missing::Tenant));
        assert_eq!(account.link("acme", "1"), Ok(()));
        assert_eq!(account.list(0, 9, |_| true, Some("acme")).users.len(), 1);
        assert!(account.delete_user("1") && !account.delete_user("1"));
        account.add_user(json!({ "userId": "1" }));
        assert!(account.list(0, 9, |_| true, Some("acme")).users.is_empty());
    }
}
