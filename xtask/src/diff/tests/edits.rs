//! Single edits of the fixture, and what each means in both directions.

use Means::{Breaking as B, Compatible as C, Nothing as N, Review as R};

/// The worst verdict of an aspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    Nothing,
    Compatible,
    Review,
    Breaking,
}

/// One edit: a piece of the document and what stands in its place.
pub(super) struct Edit {
    pub(super) what: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// Wire, Rust and behaviour.
    pub(super) there: [Means; 3],
    /// The same when the edit is taken back.
    pub(super) back: [Means; 3],
}

const fn edit(
    what: &'static str,
    from: &'static str,
    to: &'static str,
    there: [Means; 3],
    back: [Means; 3],
) -> Edit {
    Edit {
        what,
        from,
        to,
        there,
        back,
    }
}

#[rustfmt::skip]
pub(super) const EDITS: &[Edit] = &[
    // Operations
    edit("an operation more",
        "  /v1/tenants/{tenantId}/users:\n",
        "  /v1/tenants:\n    get:\n      operationId: getTenants\n      x-idempotent: true\n      responses:\n        \"204\":\n          description: Fine.\n\n  /v1/tenants/{tenantId}/users:\n",
        [C, C, N], [B, B, N]),
    edit("a method more on a path",
        "    delete:\n      operationId: deleteUser\n",
        "    put:\n      operationId: putUser\n      x-idempotent: true\n      responses:\n        \"204\":\n          description: Fine.\n    delete:\n      operationId: deleteUser\n",
        [C, C, N], [B, B, N]),
    edit("another method", "    patch:\n      operationId: linkTenantUser\n", "    put:\n      operationId: linkTenantUser\n", [B, C, N], [B, C, N]),
    edit("another path", "  /v1/users:\n", "  /v2/users:\n", [B, C, N], [B, C, N]),
    edit("another path and another id", "  /v1/users:\n    get:\n      operationId: getUsers\n", "  /v2/users:\n    get:\n      operationId: listUsers\n", [B, B, N], [B, B, N]),
    edit("another operationId", "operationId: getUsers\n", "operationId: listUsers\n", [N, B, R], [N, B, R]),
    edit("deprecated", "      operationId: getUsers\n", "      operationId: getUsers\n      deprecated: true\n", [N, N, R], [N, N, C]),
    edit("not idempotent", "      x-idempotent: true\n", "      x-idempotent: false\n", [N, C, B], [N, C, R]),
    edit("an extension that nobody knows", "      operationId: getUsers\n", "      operationId: getUsers\n      x-cost: 3\n", [N, N, R], [N, N, R]),
    edit("other tags", "      tags: [Users]\n", "      tags: [Users, People]\n", [N, N, C], [N, N, C]),
    edit("callbacks", "      operationId: getUsers\n", "      operationId: getUsers\n      callbacks:\n        told: {}\n", [R, N, N], [R, N, N]),

    // Parameters
    edit("an optional query parameter more",
        "        - name: limit\n",
        "        - name: sort\n          in: query\n          required: false\n          schema:\n            type: string\n        - name: limit\n",
        [C, C, N], [B, B, N]),
    edit("a required query parameter more",
        "        - name: limit\n",
        "        - name: sort\n          in: query\n          required: true\n          schema:\n            type: string\n        - name: limit\n",
        [B, C, N], [B, B, N]),
    edit("an optional parameter with a default more",
        "        - name: limit\n",
        "        - name: sort\n          in: query\n          schema:\n            type: string\n            default: name\n        - name: limit\n",
        [C, C, R], [B, B, N]),
    edit("an optional header more",
        "        - name: limit\n",
        "        - name: X-Trace\n          in: header\n          schema:\n            type: string\n        - name: limit\n",
        [C, C, N], [B, B, N]),
    edit("a header that is described elsewhere",
        "        - name: limit\n",
        "        - name: Accept\n          in: header\n          schema:\n            type: string\n        - name: limit\n",
        [N, C, N], [N, B, N]),
    edit("a parameter is required",
        "        - name: filter\n          in: query\n          required: false\n",
        "        - name: filter\n          in: query\n          required: true\n",
        [B, N, N], [C, N, N]),
    edit("a parameter has another name", "        - name: filter\n", "        - name: search\n", [B, B, N], [B, B, N]),
    edit("a parameter stands elsewhere", "        - name: filter\n          in: query\n", "        - name: filter\n          in: header\n", [B, N, N], [B, N, N]),
    edit("a parameter is deprecated", "        - name: filter\n", "        - name: filter\n          deprecated: true\n", [N, N, R], [N, N, C]),
    edit("a lower limit", "            maximum: 100\n", "            maximum: 50\n", [B, C, R], [C, C, C]),
    edit("a limit from zero", "            minimum: 1\n            maximum: 100\n", "            minimum: 0\n            maximum: 100\n", [C, B, C], [B, B, R]),
    edit("no limit", "            minimum: 1\n            maximum: 100\n", "            minimum: 1\n", [C, B, C], [B, C, R]),
    edit("a limit in other words", "            minimum: 1\n            maximum: 100\n", "            minimum: 0\n            exclusiveMinimum: true\n            maximum: 100\n", [N, C, N], [N, C, N]),
    edit("a default", "            maximum: 100\n", "            maximum: 100\n            default: 20\n", [N, N, R], [N, N, R]),
    edit("a wider integer", "            format: int32\n            minimum: 1\n            maximum: 100\n", "            format: int64\n            minimum: 1\n", [C, B, C], [B, B, R]),
    edit("a shorter text", "            maxLength: 64\n", "            maxLength: 32\n", [B, C, R], [C, C, C]),
    edit("a text with a pattern", "            maxLength: 64\n", "            maxLength: 64\n            pattern: '^[a-z]*$'\n", [B, C, N], [C, C, N]),
    edit("a pattern that could not be compared", "[a-zA-Z0-9_.:-]+$'", "[a-zA-Z0-9_.:-][a-zA-Z0-9_.:-]*$'", [R, C, N], [R, C, N]),
    edit("an id may be longer", "      maxLength: 128\n      pattern: '^(?!\\.{1,2}$)[^", "      maxLength: 256\n      pattern: '^(?!\\.{1,2}$)[^", [C, C, C], [B, C, R]),
    edit("a list of texts in place of one", "            type: string\n            maxLength: 64\n", "            type: array\n            items:\n              type: string\n", [R, B, R], [B, B, R]),
    edit("an integer in place of a text", "            type: string\n            maxLength: 64\n", "            type: integer\n", [B, B, R], [R, B, R]),
    edit("a text in place of an integer", "            type: integer\n            format: int32\n            minimum: 1\n            maximum: 100\n", "            type: string\n", [C, B, C], [B, B, R]),
    edit("one of a few texts", "            type: string\n            maxLength: 64\n", "            type: string\n            maxLength: 64\n            enum: [a, b]\n", [B, B, N], [C, B, N]),
    edit("style and explode spelled out", "        - name: filter\n          in: query\n", "        - name: filter\n          in: query\n          style: form\n          explode: true\n", [N, N, N], [N, N, N]),
    edit("reserved characters", "        - name: filter\n", "        - name: filter\n          allowReserved: true\n", [R, N, N], [R, N, N]),
    edit("a path parameter has another name", "  /v1/users/{userId}:\n    parameters:\n      - $ref: \"#/components/parameters/UserIdInPath\"\n", "  /v1/users/{id}:\n    parameters:\n      - name: id\n        in: path\n        required: true\n        schema:\n          $ref: \"#/components/schemas/UserId\"\n", [N, B, N], [N, B, N]),

    // Request bodies
    edit("a body may be absent", "        description: The user to link.\n        required: true\n", "        description: The user to link.\n        required: false\n", [C, N, N], [B, N, N]),
    edit("another media type", "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", "          application/merge-patch+json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", [B, C, N], [B, C, N]),
    edit("any JSON by a range", "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", "          application/*:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", [C, R, N], [B, R, N]),
    edit("a media type more", "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", "          application/links+json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", [C, C, N], [B, C, N]),
    edit("a media type in capitals", "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", "          Application/JSON:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", [N, C, N], [N, C, N]),
    edit("a member of a request more", "      required: [userId]\n      properties:\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", "      required: [userId]\n      properties:\n        role:\n          type: string\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", [C, C, N], [R, B, N]),
    edit("a required member of a request more", "      required: [userId]\n      properties:\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", "      required: [role, userId]\n      properties:\n        role:\n          type: string\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", [B, C, N], [R, B, N]),
    edit("a member of a request may be absent", "      required: [userId]\n      properties:\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", "      properties:\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", [C, B, N], [B, B, N]),
    edit("a closed request", "      description: The user to link to a tenant.\n", "      description: The user to link to a tenant.\n      additionalProperties: false\n", [R, C, N], [C, C, N]),
    edit("a member of a request may be null", "        userId:\n          $ref: \"#/components/schemas/UserId\"\n", "        userId:\n          nullable: true\n          allOf:\n            - $ref: \"#/components/schemas/UserId\"\n", [C, B, N], [B, B, N]),

    // Responses
    edit("another success", "        \"204\":\n", "        \"200\":\n", [B, C, N], [B, C, N]),
    edit("a success that is done at once", "        \"202\":\n", "        \"204\":\n", [B, C, R], [B, C, R]),
    edit("a success more", "        \"202\":\n", "        \"204\":\n          description: Gone already.\n        \"202\":\n", [B, C, N], [C, C, N]),
    edit("a range of successes", "        \"202\":\n", "        \"2XX\":\n", [B, C, R], [C, C, R]),
    edit("an error more", "        \"401\":\n", "        \"429\":\n          description: Too many.\n        \"401\":\n", [C, R, N], [C, R, N]),
    edit("a redirect", "        \"401\":\n", "        \"302\":\n          description: Elsewhere.\n        \"401\":\n", [R, C, N], [C, C, N]),
    edit("a success with a body", "          description: The user is linked to the tenant.\n", "          description: The user is linked to the tenant.\n          content:\n            application/json:\n              schema:\n                $ref: \"#/components/schemas/TenantUser\"\n", [C, B, N], [B, B, N]),
    edit("another media type of a success", "            application/links+json:\n              schema:\n                $ref: \"#/components/schemas/UserIdentity\"\n", "            application/json:\n              schema:\n                $ref: \"#/components/schemas/UserIdentity\"\n", [B, C, N], [B, C, N]),
    edit("one media type of an error less", "        application/links+json:\n          schema:\n            $ref: \"#/components/schemas/ResponseError\"\n          examples:\n            UserNotFound:\n              $ref: \"#/components/examples/UserNotFound\"\n", "", [C, C, N], [C, C, N]),
    edit("an optional header of a success", "          description: One page of users.\n", "          description: One page of users.\n          headers:\n            X-Total:\n              schema:\n                type: integer\n", [C, N, N], [R, N, N]),
    edit("a required header of a success", "          description: One page of users.\n", "          description: One page of users.\n          headers:\n            X-Total:\n              required: true\n              schema:\n                type: integer\n", [C, N, N], [B, N, N]),
    edit("a member of a response more", "        picture:\n", "        nickname:\n          type: string\n        picture:\n", [C, C, N], [R, B, R]),
    edit("a required member of a response more", "      required: [userId]\n      properties:\n        userId:\n          type: string\n", "      required: [userId, nickname]\n      properties:\n        nickname:\n          type: string\n        userId:\n          type: string\n", [C, C, N], [B, B, R]),
    edit("a member of a response has another name", "        picture:\n", "        photo:\n", [R, B, R], [R, B, R]),
    edit("a member of a response may be absent", "      required: [users]\n", "", [B, C, N], [C, B, N]),
    edit("a member of a response is required", "      required: [users]\n", "      required: [users, links]\n", [C, C, N], [B, C, N]),
    edit("a member of a response may be null", "        href:\n          type: string\n", "        href:\n          type: string\n          nullable: true\n", [B, B, N], [C, B, N]),
    edit("another type of a member", "        rel:\n          type: string\n", "        rel:\n          type: integer\n", [B, B, N], [B, B, N]),
    edit("a member is one of a few texts", "        rel:\n          type: string\n", "        rel:\n          type: string\n          enum: [next, self]\n", [C, B, N], [B, B, N]),
    edit("a member has a format", "        href:\n          type: string\n", "        href:\n          type: string\n          format: uri\n", [C, N, N], [B, N, N]),
    edit("a member has a format that nobody knows", "        href:\n          type: string\n", "        href:\n          type: string\n          format: odd\n", [C, N, N], [R, N, N]),
    edit("a closed response", "      description: One page of users.\n      required", "      description: One page of users.\n      additionalProperties: false\n      required", [C, C, N], [B, C, N]),
    edit("a shorter list", "          type: array\n", "          type: array\n          maxItems: 100\n", [C, N, N], [B, N, N]),
    edit("a list of something else", "          items:\n            $ref: \"#/components/schemas/UserIdentity\"\n", "          items:\n            type: string\n", [B, B, N], [B, B, N]),
    edit("one of two in a response", "        rel:\n          type: string\n", "        rel:\n          oneOf:\n            - type: string\n            - type: integer\n", [B, B, N], [C, B, N]),
    edit("a default in a response", "        rel:\n          type: string\n", "        rel:\n          type: string\n          default: self\n", [N, B, R], [N, B, R]),
    edit("a member that is deprecated", "        rel:\n          type: string\n", "        rel:\n          type: string\n          deprecated: true\n", [N, N, R], [N, N, C]),
    edit("a schema that holds itself", "        rel:\n          type: string\n", "        up:\n          $ref: \"#/components/schemas/Link\"\n        rel:\n          type: string\n", [C, C, N], [R, B, R]),

    // Security and servers
    edit("a page for everybody", "      operationId: getUsers\n", "      operationId: getUsers\n      security: []\n", [C, N, R], [B, N, N]),
    edit("a second way in", "security:\n  - oauth2: []\n", "security:\n  - oauth2: []\n  - key: []\n", [C, N, N], [B, N, N]),
    edit("a scope", "security:\n  - oauth2: []\n", "security:\n  - oauth2: [users]\n", [B, N, N], [C, N, R]),
    edit("another scheme", "      type: http\n      scheme: bearer\n      bearerFormat: JWT\n", "      type: http\n      scheme: basic\n", [B, N, R], [B, N, R]),
    edit("another form of token", "      bearerFormat: JWT\n", "      bearerFormat: opaque\n", [N, N, R], [N, N, R]),
    edit("another server", "  - url: https://{accountId}.api.authress.io\n", "  - url: https://{accountId}.api-eu-west.authress.io\n", [N, N, B], [N, N, B]),
    edit("a server more", "servers:\n", "servers:\n  - url: https://login.example.com\n", [N, N, C], [N, N, R]),
    edit("another default of a variable", "        default: acc-example\n", "        default: acc-other\n", [N, N, R], [N, N, R]),

    // What has no meaning
    edit("a description", "description: The maximum number of users per page, 1 to 100.", "description: The size of a page.", [N, N, N], [N, N, N]),
    edit("a summary", "summary: List users", "summary: All users", [N, N, N], [N, N, N]),
    edit("the title and version of the document", "  title: Authress Users API\n  version: \"1.0.0\"\n", "  title: Users\n  version: \"2.0.0\"\n", [N, N, N], [N, N, N]),
    edit("an example", "          example: 20\n", "          example: 30\n", [N, N, N], [N, N, N]),
    edit("the description of a tag", "description: The users of the account, from all", "description: Users, from all", [N, N, N], [N, N, N]),
    edit("the description of a server", "    description: The host of an account.", "    description: The host.", [N, N, N], [N, N, N]),
    edit("the order of methods", "      x-idempotent: true\n      tags: [Users]\n", "      tags: [Users]\n      x-idempotent: true\n", [N, N, N], [N, N, N]),
    edit("the order of members", "        href:\n          type: string\n          description: The URL.\n        rel:\n          type: string\n          description: The relation of the URL to the resource that contains it.\n", "        rel:\n          type: string\n          description: The relation of the URL to the resource that contains it.\n        href:\n          type: string\n          description: The URL.\n", [N, N, N], [N, N, N]),
    edit("an allOf of one", "              schema:\n                $ref: \"#/components/schemas/UserIdentity\"\n", "              schema:\n                allOf:\n                  - $ref: \"#/components/schemas/UserIdentity\"\n", [N, N, N], [N, N, N]),
    edit("a reference in place of the same inline", "        userId:\n          $ref: \"#/components/schemas/UserId\"\n", "        userId:\n          type: string\n          minLength: 1\n          maxLength: 128\n          pattern: '^(?!\\.{1,2}$)[^\\\\\\x00-\\x1F\\x7F-\\x9F]+$'\n", [N, B, N], [N, B, N]),
    edit("nullable: false", "        href:\n          type: string\n", "        href:\n          type: string\n          nullable: false\n", [N, N, N], [N, N, N]),
    edit("open by the word", "    Link:\n      type: object\n", "    Link:\n      type: object\n      additionalProperties: true\n", [N, N, N], [N, N, N]),
    edit("a component that nothing uses", "    Link:\n      type: object\n", "    Unused:\n      type: string\n    Link:\n      type: object\n", [N, C, N], [N, B, N]),
    edit("a member called description", "        picture:\n", "        description:\n          type: string\n        picture:\n", [C, C, N], [R, B, R]),
];
