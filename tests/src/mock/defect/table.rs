//! The defects that a fake can have, with their names and rules.

use std::str::FromStr;

use crate::error::InvalidInput;

macro_rules! defects {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $rule:literal;)*) => {
        /// A rule that a fake can break on purpose.
        ///
        /// Set by [`MockAuthressBuilder::defect`](crate::MockAuthressBuilder::defect).
        ///
        /// ```
        /// use authress_users_contract::{Defect, MockAuthress};
        /// use authress_users_contract::secrecy::ExposeSecret as _;
        ///
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
        /// // A tool that checks servers should find this.
        /// let defect = Defect::ResponseMediaType;
        /// assert_eq!(defect.rule(), "response-media-type");
        ///
        /// let fake = MockAuthress::builder().user("auth0|1").defect(defect).start().await?;
        /// let token = fake.access_token();
        /// let response = reqwest::Client::new()
        ///     .get(format!("{}/v1/users/auth0%7C1", fake.url()))
        ///     .header("accept", "application/links+json")
        ///     .bearer_auth(token.expose_secret())
        ///     .send()
        ///     .await?;
        /// assert_ne!(response.headers()["content-type"], "application/links+json");
        /// # Ok(())
        /// # }
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Defect {
            $($(#[$doc])* $variant,)*
        }

        impl Defect {
            /// All defects.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the name, which [`FromStr`](std::str::FromStr) parses.
            ///
            /// ```
            /// use authress_users_contract::Defect;
            ///
            /// assert_eq!("pages-overlap".parse(), Ok(Defect::PagesOverlap));
            /// ```
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Returns the id of the rule that the fake breaks.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self {
                    $(Self::$variant => $rule,)*
                }
            }
        }
    };
}

defects! {
    /// Successful responses have an undocumented status.
    ResponseStatus, "response-status", "response-status";
    /// Responses have another media type than the spec.
    ResponseMediaType, "response-media-type", "response-media-type";
    /// Documented bodies are missing.
    ResponseBodyMissing, "response-body-missing", "response-body-missing";
    /// Responses without a documented body have one.
    ResponseBodyUndeclared, "response-body-undeclared", "response-body-undeclared";
    /// JSON bodies are not UTF-8.
    ResponseUtf8, "response-utf8", "response-utf8";
    /// JSON bodies are truncated.
    ResponseJson, "response-json", "response-json";
    /// JSON objects repeat a member.
    ResponseDuplicateName, "response-duplicate-name", "response-duplicate-name";
    /// Bodies violate their schema.
    ResponseBodyValid, "response-body-valid", "response-body-valid";
    /// Bodies have a member that the spec does not declare.
    ResponseUnknownMember, "response-unknown-member", "response-unknown-member";
    /// Lists return the cursor of the request again.
    ListCursorAdvances, "list-cursor-advances", "list-cursor-advances";
    /// Pages have more users than the limit.
    ListPageSize, "list-page-size", "list-page-size";
    /// Listed users do not exist when they are read.
    ListedUserReadable, "listed-user-readable", "listed-user-readable";
    /// Deleted users stay.
    DeleteTakesEffect, "delete-takes-effect", "delete-takes-effect";
    /// Linked users do not appear in the list of their tenant.
    LinkTakesEffect, "link-takes-effect", "link-takes-effect";
    /// A repeated link fails.
    RepeatSameResponse, "repeat-same-response", "repeat-same-response";
    /// Users that do not exist are returned.
    LiveMissingUser, "live-missing-user", "live-missing-user";
    /// Invalid tokens are accepted.
    LiveInvalidToken, "live-invalid-token", "live-invalid-token";
    /// A limit out of range causes a 500.
    LiveBadLimit, "live-bad-limit", "live-bad-limit";
    /// Undocumented methods succeed.
    LiveUndocumentedMethod, "live-undocumented-method", "live-undocumented-method";
    /// Writes are rejected.
    LiveWriteFailed, "live-write-failed", "live-write-failed";
    /// Requests without a token are accepted.
    MissingTokenAccepted, "missing-token-accepted", "live-invalid-token";
    /// getUser accepts requests without a token.
    MissingTokenOnGetAccepted, "missing-token-on-get-accepted", "live-invalid-token";
    /// deleteUser accepts requests without a token.
    MissingTokenOnDeleteAccepted, "missing-token-on-delete-accepted", "live-invalid-token";
    /// linkTenantUser accepts requests without a token.
    MissingTokenOnLinkAccepted, "missing-token-on-link-accepted", "live-invalid-token";
    /// getUser accepts every token.
    AnyTokenOnGetAccepted, "any-token-on-get-accepted", "live-invalid-token";
    /// deleteUser accepts every token.
    AnyTokenOnDeleteAccepted, "any-token-on-delete-accepted", "live-invalid-token";
    /// linkTenantUser accepts every token.
    AnyTokenOnLinkAccepted, "any-token-on-link-accepted", "live-invalid-token";
    /// Expired tokens are accepted.
    ExpiredTokenAccepted, "expired-token-accepted", "live-invalid-token";
    /// Signatures of tokens are not verified.
    ChangedSignatureAccepted, "changed-signature-accepted", "live-invalid-token";
    /// Tokens with the algorithm `none` are accepted.
    UnsignedTokenAccepted, "unsigned-token-accepted", "live-invalid-token";
    /// Tokens are accepted as Basic credentials.
    BasicCredentialAccepted, "basic-credential-accepted", "live-invalid-token";
    /// getUser returns another user.
    AnotherUserReturned, "another-user-returned", "live-user-identity";
    /// getUser returns other values than the list.
    OtherValuesReturned, "other-values-returned", "live-user-identity";
    /// The first listed user has an empty id.
    EmptyUserId, "empty-user-id", "live-user-id";
    /// Lists end after a page, without `pagination`.
    PaginationAbsent, "pagination-absent", "live-list-complete";
    /// Lists end after a page, with `pagination` null.
    PaginationNull, "pagination-null", "live-list-complete";
    /// Lists have no last page.
    EndlessCursors, "endless-cursors", "live-list-ends";
    /// Every page is the first one, with a new cursor.
    CursorIgnored, "cursor-ignored", "live-list-unique";
    /// Pages start with the last user of the page before.
    PagesOverlap, "pages-overlap", "live-list-unique";
    /// Pages skip a user.
    PagesSkipUser, "pages-skip-user", "live-list-complete";
    /// Pages have one user, whatever the limit.
    OneUserPerPage, "one-user-per-page", "live-list-limit";
    /// A page has a user twice.
    UserTwiceInPage, "user-twice-in-page", "live-list-unique";
    /// `links.next` leads to another host.
    NextLinkElsewhere, "next-link-elsewhere", "live-next-link";
    /// The filter applies only to the first page.
    FilterForgotten, "filter-forgotten", "live-filter";
    /// The filter is ignored.
    FilterIgnored, "filter-ignored", "live-filter";
    /// The filter selects the other users.
    FilterInverted, "filter-inverted", "live-filter";
    /// The filter selects no user.
    FilterEmpty, "filter-empty", "live-filter";
    /// The filter compares whole values.
    FilterWholeValues, "filter-whole-values", "live-filter";
    /// The filter compares the case of letters.
    FilterCaseSensitive, "filter-case-sensitive", "live-filter";
    /// `tenantId` is ignored.
    TenantIgnored, "tenant-ignored", "live-tenant";
    /// A link links all users.
    LinkLinksAll, "link-links-all", "live-link-scope";
    /// A link replaces the users of the tenant.
    LinkReplacesUsers, "link-replaces-users", "live-link-scope";
    /// A deletion removes another user as well.
    DeleteRemovesOthers, "delete-removes-others", "live-delete-scope";
    /// Deleted users stay in the list.
    DeletedUserListed, "deleted-user-listed", "delete-takes-effect";
    /// Deleted users stay in the list of their tenant.
    DeletedUserInTenant, "deleted-user-in-tenant", "delete-takes-effect";
    /// Deleted users come back.
    DeletedUserReturns, "deleted-user-returns", "delete-takes-effect";
    /// A repeated deletion causes a 500.
    RepeatedDeleteFails, "repeated-delete-fails", "repeat-same-response";
    /// A deletion of an unknown user causes a 500.
    UnknownDeleteFails, "unknown-delete-fails", "repeat-same-response";
    /// A deletion of an unknown user causes a 400.
    UnknownDeleteRejected, "unknown-delete-rejected", "repeat-same-response";
    /// A deletion of an unknown user succeeds.
    UnknownDeleteSucceeds, "unknown-delete-succeeds", "live-missing-user";
    /// A link of an unknown user causes a 500.
    UnknownUserLinkFails, "unknown-user-link-fails", "live-missing-user";
    /// A link of an unknown user causes a 400.
    UnknownUserLinkRejected, "unknown-user-link-rejected", "live-missing-user";
    /// A link of an unknown user succeeds.
    UnknownUserLinkSucceeds, "unknown-user-link-succeeds", "live-missing-user";
    /// A link to an unknown tenant causes a 500.
    UnknownTenantLinkFails, "unknown-tenant-link-fails", "live-missing-tenant";
    /// A link to an unknown tenant causes a 400.
    UnknownTenantLinkRejected, "unknown-tenant-link-rejected", "live-missing-tenant";
    /// A link to an unknown tenant succeeds.
    UnknownTenantLinkSucceeds, "unknown-tenant-link-succeeds", "live-missing-tenant";
    /// An unknown cursor causes a 500.
    UnknownCursorFails, "unknown-cursor-fails", "live-unknown-cursor";
    /// An unknown cursor selects the first page.
    UnknownCursorIgnored, "unknown-cursor-ignored", "live-unknown-cursor";
    /// A filter of more than 64 characters causes a 500.
    LongFilterFails, "long-filter-fails", "live-long-filter";
    /// A filter of more than 64 characters is accepted.
    LongFilterSucceeds, "long-filter-succeeds", "live-long-filter";
    /// An invalid body causes a 500.
    InvalidBodyFails, "invalid-body-fails", "live-invalid-body";
    /// An invalid body is accepted.
    InvalidBodySucceeds, "invalid-body-succeeds", "live-invalid-body";
    /// Users with a slash in their id are not found.
    IdWithSlashNotFound, "id-with-slash-not-found", "live-encoding";
    /// Users with a slash in their id cause a 500.
    IdWithSlashFails, "id-with-slash-fails", "live-encoding";
    /// Users with a space in their id are not found.
    IdWithSpaceNotFound, "id-with-space-not-found", "live-encoding";
    /// Users with a space in their id cause a 500.
    IdWithSpaceFails, "id-with-space-fails", "live-encoding";
    /// Users with an at sign in their id are not found.
    IdWithAtSignNotFound, "id-with-at-sign-not-found", "live-encoding";
    /// Users with an at sign in their id cause a 500.
    IdWithAtSignFails, "id-with-at-sign-fails", "live-encoding";
    /// Users with other characters than ASCII in their id are not found.
    IdBeyondAsciiNotFound, "id-beyond-ascii-not-found", "live-encoding";
    /// Users with other characters than ASCII in their id cause a 500.
    IdBeyondAsciiFails, "id-beyond-ascii-fails", "live-encoding";
    /// Ids are percent-decoded twice.
    IdDecodedTwice, "id-decoded-twice", "live-encoding";
    /// Ids are compared without case.
    IdIgnoresCase, "id-ignores-case", "live-encoding";
    /// A filter with percent-encoded characters selects no user.
    EncodedFilterEmpty, "encoded-filter-empty", "live-encoding";
    /// Bodies are encoded as UTF-8 twice.
    Utf8EncodedTwice, "utf8-encoded-twice", "live-double-encoding";
    /// Plain bodies have the content encoding gzip.
    GzipOnPlainBytes, "gzip-on-plain-bytes", "live-content-encoding";
    /// Responses have two content types.
    TwoContentTypes, "two-content-types", "response-media-type";
    /// Responses declare another charset than UTF-8.
    FalseCharset, "false-charset", "response-media-type";
    /// HEAD causes a 500.
    HeadFails, "head-fails", "live-safe-method";
    /// OPTIONS causes a 500.
    OptionsFails, "options-fails", "live-safe-method";
    /// PUT succeeds.
    PutSucceeds, "put-succeeds", "live-undocumented-method";
    /// POST succeeds.
    PostSucceeds, "post-succeeds", "live-undocumented-method";
}

impl FromStr for Defect {
    type Err = InvalidInput;

    fn from_str(name: &str) -> Result<Self, InvalidInput> {
        let found = Self::ALL.iter().find(|defect| defect.name() == name);
        found.copied().ok_or(InvalidInput::Defect)
    }
}
