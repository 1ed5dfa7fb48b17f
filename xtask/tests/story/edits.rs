/// A text to replace, and its replacement.
pub(crate) type Edit = (&'static str, &'static str);

/// Adds an optional parameter and a member of users to the spec.
pub(crate) const DOCUMENT: [Edit; 2] = [
    (
        "          example: acme
      responses:
",
        "          example: acme
        - name: connection
          in: query
          required: false
          description: Selects users of this connection. At most 64 characters.
          schema:
            type: string
            maxLength: 64
          example: google
      responses:
",
    ),
    (
        "          description: The e-mail address of the user.
",
        "          description: The e-mail address of the user.
        lastLogin:
          type: string
          nullable: true
          description: The time of the last login.
",
    ),
];

/// Adds the parameter to the ext crate.
pub(crate) const EXT: [Edit; 4] = [
    (
        "    tenant_id: Option<String>,
",
        "    tenant_id: Option<String>,
    connection: Option<String>,
",
    ),
    (
        "            tenant_id: None,
",
        "            tenant_id: None,
            connection: None,
",
    ),
    (
        "    /// Sets how many pages [`stream`](Self::stream)",
        "    /// Selects users of this connection. At most 64 characters.
    pub fn connection(mut self, connection: impl Into<String>) -> Self {
        self.connection = Some(connection.into());
        self
    }

    /// Sets how many pages [`stream`](Self::stream)",
    ),
    (
        "        let decoded = request.send().await;
",
        "        if let Some(connection) = self.connection {
            request = request.connection(connection);
        }
        let decoded = request.send().await;
",
    ),
];

/// Adds the parameter's type to the types that are validated against the spec.
pub(crate) const TYPES: [Edit; 3] = [
    (
        "    CollectionLinks, ErrorBody, GetUsersCursor,",
        "    CollectionLinks, ErrorBody, GetUsersConnection, GetUsersCursor,",
    ),
    (
        "static GENERATED_TYPES: [GeneratedType; 12] = [
",
        "static GENERATED_TYPES: [GeneratedType; 13] = [
",
    ),
    (
        "    generated::<GetUsersCursor>(\"GetUsersCursor\"),
",
        "    generated::<GetUsersConnection>(\"GetUsersConnection\"),
    generated::<GetUsersCursor>(\"GetUsersCursor\"),
",
    ),
];

/// Adds the code that sends the parameter.
pub(crate) const SENDERS: [Edit; 1] = [(
    "static SENDERS: [Sender; 11] = [
",
    "static SENDERS: [Sender; 12] = [
    Sender {
        operation: \"getUsers\",
        place: \"query connection\",
        send: |client, value| {
            let request = client.users().get_users().connection(text(&value));
            Box::pin(async move { request.await.map(drop) })
        },
    },
",
)];
