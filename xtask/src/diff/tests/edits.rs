//! Single edits of the fixture and their verdicts in both directions.

use Worst::{Breaking as B, Compatible as C, Nothing as N, Review as R};

/// The worst verdict of an aspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worst {
    Nothing,
    Compatible,
    Review,
    Breaking,
}

/// An edit: a piece of the spec and its replacement.
pub(super) struct Edit {
    pub(super) what: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// The verdicts for wire, Rust and behavior.
    pub(super) there: [Worst; 3],
    /// The verdicts of the reverse edit.
    pub(super) back: [Worst; 3],
}

const fn edit(
    what: &'static str,
    from: &'static str,
    to: &'static str,
    there: [Worst; 3],
    back: [Worst; 3],
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
    edit("an added operation",
        "  /v1/tenants/{tenantId}/users:\n",
        "  /v1/tenants:\n    get:\n      operationId: getTenants\n      x-idempotent: true\n      responses:\n        \"204\":\n          description: Fine.\n\n  /v1/tenants/{tenantId}/users:\n",
        [C, C, N], [B, B, N]),
    edit("an added method of a path",
        "    delete:\n      operationId: deleteUser\n",
        "    put:\n      operationId: putUser\n      x-idempotent: true\n      responses:\n        \"204\":\n          description: Fine.\n    delete:\n      operationId: deleteUser\n",
        [C, C, N], [B, B, N]),
    edit("a changed method", "    patch:\n      operationId: linkTenantUser\n", "    put:\n      operationId: linkTenantUser\n", [B, C, N], [B, C, N]),
    edit("a changed path", "  /v1/users:\n", "  /v2/users:\n", [B, C, N], [B, C, N]),
    edit("a changed path and operationId", "  /v1/users:\n    get:\n      operationId: getUsers\n", "  /v2/users:\n    get:\n      operationId: listUsers\n", [B, B, N], [B, B, N]),
    edit("a changed operationId", "operationId: getUsers\n", "operationId: listUsers\n", [N, B, R], [N, B, R]),
    edit("a deprecated operation", "      operationId: getUsers\n", "      operationId: getUsers\n      deprecated: true\n", [N, N, R], [N, N, C]),
    edit("an operation that is not idempotent", "      x-idempotent: true\n", "      x-idempotent: false\n", [N, C, B], [N, C, R]),
    edit("a response that is no longer assumed", "      x-assumed: true\n", "", [N, C, C], [N, C, R]),
    edit("an unknown extension", "      operationId: getUsers\n", "      operationId: getUsers\n      x-cost: 3\n", [N, N, R], [N, N, R]),
    edit("changed tags", "      tags: [Users]\n", "      tags: [Users, People]\n", [N, N, C], [N, N, C]),
    edit("added callbacks", "      operationId: getUsers\n", "      operationId: getUsers\n      callbacks:\n        onEvent: {}\n", [R, N, N], [R, N, N]),

    // Parameters
    edit("an added optional query parameter",
        "        - name: limit\n",
        "        - name: sort\n          in: query\n          required: false\n          schema:\n            type: string\n        - name: limit\n",
        [C, C, N], [B, B, N]),
    edit("an added required query parameter",
        "        - name: limit\n",
        "        - name: sort\n          in: query\n          required: true\n          schema:\n            type: string\n        - name: limit\n",
        [B, C, N], [B, B, N]),
    edit("an added optional parameter with a default",
        "        - name: limit\n",
        "        - name: sort\n          in: query\n          schema:\n            type: string\n            default: name\n        - name: limit\n",
        [C, C, R], [B, B, N]),
    edit("an added optional header parameter",
        "        - name: limit\n",
        "        - name: X-Trace\n          in: header\n          schema:\n            type: string\n        - name: limit\n",
        [C, C, N], [B, B, N]),
    edit("an added header parameter that OpenAPI ignores",
        "        - name: limit\n",
        "        - name: Accept\n          in: header\n          schema:\n            type: string\n        - name: limit\n",
        [N, C, N], [N, B, N]),
    edit("a required parameter",
        "        - name: filter\n          in: query\n          required: false\n",
        "        - name: filter\n          in: query\n          required: true\n",
        [B, N, N], [C, N, N]),
    edit("a renamed parameter", "        - name: filter\n", "        - name: search\n", [B, B, N], [B, B, N]),
    edit("a parameter in another location", "        - name: filter\n          in: query\n", "        - name: filter\n          in: header\n", [B, N, N], [B, N, N]),
    edit("a deprecated parameter", "        - name: filter\n", "        - name: filter\n          deprecated: true\n", [N, N, R], [N, N, C]),
    edit("a lower maximum", "            maximum: 100\n", "            maximum: 50\n", [B, C, R], [C, C, C]),
    edit("a lower minimum", "            minimum: 1\n            maximum: 100\n", "            minimum: 0\n            maximum: 100\n", [C, B, C], [B, B, R]),
    edit("a removed maximum", "            minimum: 1\n            maximum: 100\n", "            minimum: 1\n", [C, B, C], [B, C, R]),
    edit("an equivalent minimum", "            minimum: 1\n            maximum: 100\n", "            minimum: 0\n            exclusiveMinimum: true\n            maximum: 100\n", [N, N, N], [N, N, N]),
    edit("an added default", "            maximum: 100\n", "            maximum: 100\n            default: 20\n", [N, N, R], [N, N, R]),
    edit("a wider integer", "            format: int32\n            minimum: 1\n            maximum: 100\n", "            format: int64\n            minimum: 1\n", [C, B, C], [B, B, R]),
    edit("a shorter string", "            maxLength: 64\n", "            maxLength: 32\n", [B, C, R], [C, C, C]),
    edit("an added pattern", "            maxLength: 64\n", "            maxLength: 64\n            pattern: '^[a-z]*$'\n", [B, C, N], [C, C, N]),
    edit("an equivalent pattern that cannot be compared", "(?!\\.{1,2}$)[\\s\\S]'", "(?!\\.{1,2}$)[\\s\\S]+'", [R, C, N], [R, C, N]),
    edit("a longer id", "      maxLength: 128\n      # Rejected", "      maxLength: 256\n      # Rejected", [C, C, C], [B, C, R]),
    edit("an array of strings instead of a string", "            type: string\n            maxLength: 64\n", "            type: array\n            items:\n              type: string\n", [R, B, R], [B, B, R]),
    edit("an integer instead of a string", "            type: string\n            maxLength: 64\n", "            type: integer\n", [B, B, R], [R, B, R]),
    edit("a string instead of an integer", "            type: integer\n            format: int32\n            minimum: 1\n            maximum: 100\n", "            type: string\n", [C, B, C], [B, B, R]),
    edit("an added enum", "            type: string\n            maxLength: 64\n", "            type: string\n            maxLength: 64\n            enum: [a, b]\n", [B, B, N], [C, B, N]),
    edit("explicit default style and explode", "        - name: filter\n          in: query\n", "        - name: filter\n          in: query\n          style: form\n          explode: true\n", [N, N, N], [N, N, N]),
    edit("added allowReserved", "        - name: filter\n", "        - name: filter\n          allowReserved: true\n", [R, N, N], [R, N, N]),
    edit("a renamed path parameter", "  /v1/users/{userId}:\n    parameters:\n      - $ref: \"#/components/parameters/UserIdInPath\"\n", "  /v1/users/{id}:\n    parameters:\n      - name: id\n        in: path\n        required: true\n        schema:\n          $ref: \"#/components/schemas/UserId\"\n", [N, B, N], [N, B, N]),

    // Request bodies
    edit("an optional body", "        description: The user to link.\n        required: true\n", "        description: The user to link.\n        required: false\n", [C, N, N], [B, N, N]),
    edit("a changed media type of the request", "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", "          application/merge-patch+json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", [B, C, N], [B, C, N]),
    edit("a range of media types", "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", "          application/*:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", [C, R, N], [B, R, N]),
    edit("an added media type", "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", "          application/links+json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", [C, C, N], [B, C, N]),
    edit("a media type in uppercase", "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", "          Application/JSON:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", [N, C, N], [N, C, N]),
    edit("a charset in a media type of the request", "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", "          application/json; charset=utf-8:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", [N, C, N], [N, C, N]),
    edit("another parameter of a media type", "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", "          \"application/json;v=2\":\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n", [N, C, N], [N, C, N]),
    edit("an added optional member of a request", "      required: [userId]\n      properties:\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", "      required: [userId]\n      properties:\n        role:\n          type: string\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", [C, C, N], [R, B, N]),
    edit("an added required member of a request", "      required: [userId]\n      properties:\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", "      required: [role, userId]\n      properties:\n        role:\n          type: string\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", [B, C, N], [R, B, N]),
    edit("an optional member of a request", "      required: [userId]\n      properties:\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", "      properties:\n        userId:\n          $ref: \"#/components/schemas/UserId\"\n", [C, B, N], [B, B, N]),
    edit("a closed request", "      description: The user to link to a tenant.\n", "      description: The user to link to a tenant.\n      additionalProperties: false\n", [R, C, N], [C, C, N]),
    edit("a nullable member of a request", "        userId:\n          $ref: \"#/components/schemas/UserId\"\n", "        userId:\n          nullable: true\n          allOf:\n            - $ref: \"#/components/schemas/UserId\"\n", [C, B, N], [B, B, N]),

    // Responses
    edit("a changed success status", "        \"204\":\n", "        \"200\":\n", [B, C, N], [B, C, N]),
    edit("a success status of completed work", "        \"202\":\n", "        \"204\":\n", [B, C, R], [B, C, R]),
    edit("an added success status", "        \"202\":\n", "        \"204\":\n          description: Gone already.\n        \"202\":\n", [B, C, N], [C, C, N]),
    edit("a range of success statuses", "        \"202\":\n", "        \"2XX\":\n", [B, C, R], [C, C, R]),
    edit("an added error status", "        \"401\":\n", "        \"409\":\n          description: Conflict.\n        \"401\":\n", [C, R, N], [C, R, N]),
    edit("an added redirect", "        \"401\":\n", "        \"302\":\n          description: Elsewhere.\n        \"401\":\n", [R, C, N], [C, C, N]),
    edit("an added body of a success", "          description: The user is linked to the tenant.\n", "          description: The user is linked to the tenant.\n          content:\n            application/json:\n              schema:\n                $ref: \"#/components/schemas/TenantUser\"\n", [C, B, N], [B, B, N]),
    edit("a changed media type of a success", "            application/links+json:\n              schema:\n                $ref: \"#/components/schemas/UserIdentity\"\n", "            application/json:\n              schema:\n                $ref: \"#/components/schemas/UserIdentity\"\n", [B, C, N], [B, C, N]),
    edit("a charset in a media type of a success", "            application/links+json:\n              schema:\n                $ref: \"#/components/schemas/UserIdentity\"\n", "            application/links+json; charset=utf-8:\n              schema:\n                $ref: \"#/components/schemas/UserIdentity\"\n", [N, C, N], [N, C, N]),
    edit("a removed media type of an error", "        application/links+json:\n          schema:\n            $ref: \"#/components/schemas/ErrorBody\"\n          examples:\n            UserNotFound:\n              $ref: \"#/components/examples/UserNotFound\"\n", "", [C, C, N], [C, C, N]),
    edit("an added optional response header", "          description: One page of users.\n", "          description: One page of users.\n          headers:\n            X-Total:\n              schema:\n                type: integer\n", [C, N, N], [R, N, N]),
    edit("an added required response header", "          description: One page of users.\n", "          description: One page of users.\n          headers:\n            X-Total:\n              required: true\n              schema:\n                type: integer\n", [C, N, N], [B, N, N]),
    edit("an added optional member of a response", "        picture:\n", "        nickname:\n          type: string\n        picture:\n", [C, C, N], [R, B, R]),
    edit("an added required member of a response", "      required: [userId]\n      properties:\n        userId:\n          type: string\n", "      required: [userId, nickname]\n      properties:\n        nickname:\n          type: string\n        userId:\n          type: string\n", [C, C, N], [B, B, R]),
    edit("a renamed member of a response", "        picture:\n", "        photo:\n", [R, B, R], [R, B, R]),
    edit("an optional member of a response", "      required: [users]\n", "", [B, C, N], [C, B, N]),
    edit("a required member of a response", "      required: [users]\n", "      required: [users, links]\n", [C, C, N], [B, C, N]),
    edit("a nullable member of a response", "        href:\n          type: string\n", "        href:\n          type: string\n          nullable: true\n", [B, B, N], [C, B, N]),
    edit("a changed type of a member", "        rel:\n          type: string\n", "        rel:\n          type: integer\n", [B, B, N], [B, B, N]),
    edit("an added enum of a member", "        rel:\n          type: string\n", "        rel:\n          type: string\n          enum: [next, self]\n", [C, B, N], [B, B, N]),
    edit("an added format of a member", "        href:\n          type: string\n", "        href:\n          type: string\n          format: uri\n", [C, N, N], [B, N, N]),
    edit("an unknown format of a member", "        href:\n          type: string\n", "        href:\n          type: string\n          format: odd\n", [C, N, N], [R, N, N]),
    edit("a closed response", "      description: One page of users.\n      required", "      description: One page of users.\n      additionalProperties: false\n      required", [C, C, N], [B, C, N]),
    edit("a shorter array", "          type: array\n", "          type: array\n          maxItems: 100\n", [C, N, N], [B, N, N]),
    edit("a changed type of items", "          items:\n            $ref: \"#/components/schemas/UserIdentity\"\n", "          items:\n            type: string\n", [B, B, N], [B, B, N]),
    edit("an added oneOf in a response", "        rel:\n          type: string\n", "        rel:\n          oneOf:\n            - type: string\n            - type: integer\n", [B, B, N], [C, B, N]),
    edit("an added default in a response", "        rel:\n          type: string\n", "        rel:\n          type: string\n          default: self\n", [N, B, R], [N, B, R]),
    edit("a deprecated member", "        rel:\n          type: string\n", "        rel:\n          type: string\n          deprecated: true\n", [N, N, R], [N, N, C]),
    edit("a recursive schema", "        rel:\n          type: string\n", "        up:\n          $ref: \"#/components/schemas/Link\"\n        rel:\n          type: string\n", [C, C, N], [R, B, R]),

    // Security and servers
    edit("an operation without credentials", "      operationId: getUsers\n", "      operationId: getUsers\n      security: []\n", [C, N, R], [B, N, N]),
    edit("an added security alternative", "security:\n  - oauth2: []\n", "security:\n  - oauth2: []\n  - key: []\n", [C, N, N], [B, N, N]),
    edit("an added scope", "security:\n  - oauth2: []\n", "security:\n  - oauth2: [users]\n", [B, N, N], [C, N, R]),
    edit("a changed security scheme", "      type: http\n      scheme: bearer\n      bearerFormat: JWT\n", "      type: http\n      scheme: basic\n", [B, N, R], [B, N, R]),
    edit("a changed bearer format", "      bearerFormat: JWT\n", "      bearerFormat: opaque\n", [N, N, R], [N, N, R]),
    edit("a changed server", "  - url: https://{accountId}.api.authress.io\n", "  - url: https://{accountId}.api-eu-west.authress.io\n", [N, N, B], [N, N, B]),
    edit("an added server", "servers:\n", "servers:\n  - url: https://login.example.com\n", [N, N, C], [N, N, R]),
    edit("a changed default of a server variable", "        default: acc-example\n", "        default: acc-other\n", [N, N, R], [N, N, R]),

    // Edits without a meaning
    edit("a changed description", "description: The maximum number of users per page, 1 to 100.", "description: The size of a page.", [N, N, N], [N, N, N]),
    edit("a changed summary", "summary: List users", "summary: All users", [N, N, N], [N, N, N]),
    edit("a changed title and version of the spec", "  title: Authress Users API\n  version: \"1.0.0\"\n", "  title: Users\n  version: \"2.0.0\"\n", [N, N, N], [N, N, N]),
    edit("a changed example", "          example: 20\n", "          example: 30\n", [N, N, N], [N, N, N]),
    edit("a changed description of a tag", "description: The users of the account, from all", "description: Users, from all", [N, N, N], [N, N, N]),
    edit("a changed description of a server", "    description: The host of an account.", "    description: The host.", [N, N, N], [N, N, N]),
    edit("a changed order of operation members", "      x-idempotent: true\n      tags: [Users]\n", "      tags: [Users]\n      x-idempotent: true\n", [N, N, N], [N, N, N]),
    edit("a changed order of schema members", "        href:\n          type: string\n          description: The URL.\n        rel:\n          type: string\n          description: The relation of the URL to the resource that contains it.\n", "        rel:\n          type: string\n          description: The relation of the URL to the resource that contains it.\n        href:\n          type: string\n          description: The URL.\n", [N, N, N], [N, N, N]),
    edit("an allOf with one part", "              schema:\n                $ref: \"#/components/schemas/UserIdentity\"\n", "              schema:\n                allOf:\n                  - $ref: \"#/components/schemas/UserIdentity\"\n", [N, N, N], [N, N, N]),
    edit("an inline schema instead of an equal reference", "          schema:\n            $ref: \"#/components/schemas/TenantId\"\n", "          schema:\n            type: string\n            minLength: 1\n            maxLength: 128\n            pattern: '^(?![\\s\\S]*[^a-zA-Z0-9_.:-])(?!\\.{1,2}$)[\\s\\S]'\n", [N, B, N], [N, B, N]),
    edit("an explicit nullable: false", "        href:\n          type: string\n", "        href:\n          type: string\n          nullable: false\n", [N, N, N], [N, N, N]),
    edit("an explicit additionalProperties: true", "    Link:\n      type: object\n", "    Link:\n      type: object\n      additionalProperties: true\n", [N, C, N], [N, B, N]),
    edit("an unused component", "    Link:\n      type: object\n", "    Unused:\n      type: string\n    Link:\n      type: object\n", [N, C, N], [N, B, N]),
    edit("a member named description", "        picture:\n", "        description:\n          type: string\n        picture:\n", [C, C, N], [R, B, R]),
];
