//! The rules of the linter: code, summary, reason and an example of each.

use std::fmt;

use crate::problem::Code;

/// The document that breaks no rule. Each rule has an edit of it that breaks this rule alone.
pub(crate) const EXAMPLE: &str = include_str!("../../fixtures/users.yaml");

/// The file that holds [`EXAMPLE`].
pub(crate) const EXAMPLE_FILE: &str = "xtask/fixtures/users.yaml";

/// A rule that documents must follow. The table below defines all of them.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) code: Code,
    /// What the rule demands, in one sentence.
    pub(crate) summary: &'static str,
    /// What fails without it.
    pub(crate) reason: &'static str,
    pub(crate) scope: Scope,
    pub(crate) required_by: &'static [Consumer],
    /// The replacement that makes [`EXAMPLE`] break this rule: right text, then wrong text.
    edit: (&'static str, &'static str),
}

impl Rule {
    /// Returns the example document that breaks this rule and no other.
    pub(crate) fn wrong_example(&self) -> String {
        let (right, wrong) = self.edit;
        EXAMPLE.replacen(right, wrong, 1)
    }
}

/// The documents to which a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Every document: it contradicts OpenAPI 3.0, or no code can be made of it.
    Any,
    /// The project's own document and its replacements: hand-written code, readers and the generated
    /// types, which are used as they are, depend on it.
    Own,
}

/// A part of the project that depends on a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consumer {
    /// The generator and the raw client that it writes.
    Generator,
    /// The hand-written client.
    Ext,
    /// The fake of the API.
    Fake,
    /// The validation of traffic.
    Contract,
    /// Readers of the document and of the generated documentation.
    Readers,
}

impl fmt::Display for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Generator => "the generator",
            Self::Ext => "the client (ext)",
            Self::Fake => "the fake",
            Self::Contract => "the contract tests",
            Self::Readers => "readers of the documentation",
        })
    }
}

macro_rules! rules {
    ($($name:ident = $code:literal, $scope:ident, [$($consumer:ident),+]:
        $summary:literal, $reason:literal, $right:literal => $wrong:literal;)*) => {
        $(pub(crate) static $name: Rule = Rule {
            code: Code::new($code),
            summary: $summary,
            reason: $reason,
            scope: Scope::$scope,
            required_by: &[$(Consumer::$consumer),+],
            edit: ($right, $wrong),
        };)*

        /// Every rule.
        pub(crate) static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    OPENAPI_VERSION = "openapi-version", Any, [Generator, Contract]:
        "The document uses OpenAPI 3.0.",
        "Swagger 2 and OpenAPI 3.1 use other members for the same purpose. The generator rejects \
         them, and every other rule would misread them.",
        "openapi: 3.0.3" => "openapi: 3.1.0";
    NOT_OPENAPI = "not-openapi", Any, [Generator, Contract]:
        "Every object has the form that OpenAPI 3.0 defines.",
        "The generator reads the whole document or nothing, and its own error names no location.",
        "            type: integer\n" => "            type: [integer, \"null\"]\n";
    NO_OPERATIONS = "no-operations", Any, [Generator]:
        "The document has at least one operation.",
        "An empty client would overwrite the existing one.",
        "\npaths:\n" => "\npaths: {}\nx-paths:\n";
    MISSING_RESPONSES = "missing-responses", Any, [Generator, Contract]:
        "Every operation lists its responses.",
        "The client distinguishes responses by this list; without it, no response is a success.",
        "      responses:\n        \"204\":\n" => "      x-responses:\n        \"204\":\n";
    MISSING_SCHEMA = "missing-schema", Any, [Generator, Contract]:
        "Every parameter and header has a schema.",
        "Without it, no value can be validated, and OpenAPI 3.0 requires it.",
        "          schema:\n            type: string\n            maxLength: 64\n" => "";
    MISSING_BODY_SCHEMA = "missing-body-schema", Own, [Generator, Contract]:
        "Every body has a schema.",
        "The generator panics on a body without a schema, and no value can be validated.",
        r##"          application/json:
            schema:
              $ref: "#/components/schemas/TenantUser"
            example:
              userId: "auth0|000000"
"## => "          application/json: {}\n";
    UNKNOWN_MEMBER = "unknown-member", Any, [Generator, Contract]:
        "Every object has only members that OpenAPI 3.0 defines, and `x-` extensions.",
        "Tools ignore other members without a warning: the operation of a `DELETE` member is \
         missing from the client, and a `requred` parameter is optional.",
        "    delete:\n" => "    DELETE:\n";
    PATH_WITHOUT_SLASH = "path-without-slash", Any, [Generator, Fake, Contract]:
        "Every path starts with a slash.",
        "Tools ignore other paths and their operations without a warning.",
        "  /v1/users:\n" => "  v1/others: {}\n  /v1/users:\n";
    AMBIGUOUS_PATH = "ambiguous-path", Any, [Fake, Contract]:
        "No two paths differ only in parameter names.",
        "A server cannot distinguish them, and a validator cannot find the operation of a request.",
        "    delete:\n" => r##"  /v1/users/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {$ref: "#/components/schemas/UserId"}}
    delete:
"##;
    UNDECLARED_SECURITY_SCHEME = "undeclared-security-scheme", Any, [Contract, Readers]:
        "Every security scheme in use is declared.",
        "Without a declaration, callers cannot know how to authenticate.",
        "  - oauth2: []\n" => "  - oauth: []\n";
    STATUS_RANGE = "status-range", Own, [Generator, Ext, Contract]:
        "Every response has its own status.",
        "`default` and `4XX` also match unexpected responses, such as a proxy's error page, so no \
         response would count as undocumented. The operations table has one status per row.",
        "        \"202\":\n" => "        2XX:\n";
    INVALID_STATUS = "invalid-status", Any, [Generator, Contract]:
        "Every status has three digits, from 100 to 599.",
        "HTTP has no other statuses, and the operations table stores numbers.",
        "        \"202\":\n" => "        \"2020\":\n";
    MISSING_OPERATION_ID = "missing-operation-id", Own, [Generator, Ext, Fake, Contract]:
        "Every operation has an operationId.",
        "Methods, types and constants are named after it, and spans, errors and findings contain \
         it.",
        "      operationId: getUser\n" => "";
    INVALID_OPERATION_ID = "invalid-operation-id", Own, [Generator]:
        "Every operationId becomes a valid and free Rust name.",
        "The generator derives a method, a type and a constant from it. Code with a keyword or a \
         name that the client already uses does not compile.",
        "operationId: getUser\n" => "operationId: match\n";
    DUPLICATE_OPERATION_ID = "duplicate-operation-id", Any, [Generator, Ext, Fake, Contract]:
        "No two operationIds become the same Rust name.",
        "The generated code would define a method twice and not compile.",
        "operationId: getUser\n" => "operationId: get-users\n";
    MISSING_SUMMARY = "missing-summary", Own, [Readers]:
        "Every operation has a summary.",
        "It is the first line of the method's documentation and a column of the operations table.",
        "      summary: Read a user\n" => "";
    MISSING_DESCRIPTION = "missing-description", Own, [Readers]:
        "Every operation has a description.",
        "It becomes the documentation of the method.",
        "      summary: Delete a user\n      description: |-\n" =>
        "      summary: Delete a user\n      x-description: |-\n";
    MISSING_IDEMPOTENT = "missing-idempotent", Own, [Ext, Contract]:
        "Every operation states in `x-idempotent` whether it is safe to repeat.",
        "The client retries only operations that are safe to repeat.",
        "operationId: getUser\n      x-idempotent: true\n" => "operationId: getUser\n";
    UNDECLARED_PATH_PARAMETER = "undeclared-path-parameter", Any, [Generator, Contract]:
        "Every placeholder in a path is declared as a parameter.",
        "The generator panics on a placeholder without a parameter.",
        "    parameters:\n      - $ref: \"#/components/parameters/UserIdInPath\"\n" => "";
    UNUSED_PATH_PARAMETER = "unused-path-parameter", Any, [Generator, Contract]:
        "Every path parameter occurs in the path.",
        "The generator panics on a path parameter without a placeholder.",
        "  /v1/tenants/{tenantId}/users:\n" => "  /v1/tenants/users:\n";
    OPTIONAL_PATH_PARAMETER = "optional-path-parameter", Any, [Generator, Contract]:
        "Every path parameter is required.",
        "Without the parameter, the request has another path: `/v1/users/` is not a user.",
        "      in: path\n      required: true\n" => "      in: path\n";
    UNSAFE_PATH_PARAMETER = "unsafe-path-parameter", Own, [Generator, Ext]:
        "The schema of a path parameter rejects the empty string, backslashes, and `.` and `..` between slashes.",
        "URL parsers collapse `.` and `..`, encoded or not, and read a backslash as a slash, so a \
         request with such an id addresses another resource: `DELETE /v1/users/..` becomes \
         `DELETE /v1/`.",
        r"'^(?![\s\S]*[^a-zA-Z0-9_.:-])(?!\.{1,2}$)[\s\S]'" => r"'^[^\\]+$'";
    INVALID_SCHEMA = "invalid-schema", Any, [Generator, Contract]:
        "Every schema compiles to a validator, and every pattern is a regular expression.",
        "A client with an invalid pattern panics when the pattern is used.",
        r"'^(?![\s\S]*[^a-zA-Z0-9_.:-])(?!\.{1,2}$)[\s\S]'" => r"'^(?![\s\S]*[^a-zA-Z0-9_.:-])(?!\.{1,2}$[\s\S]'";
    DUPLICATE_PARAMETER = "duplicate-parameter", Any, [Generator, Contract]:
        "No parameter is listed twice.",
        "The generator keeps one of them without a warning.",
        "      - $ref: \"#/components/parameters/UserIdInPath\"\n" =>
        "      - $ref: \"#/components/parameters/UserIdInPath\"\n      - $ref: \"#/components/parameters/UserIdInPath\"\n";
    AMBIGUOUS_PARAMETER = "ambiguous-parameter", Own, [Generator]:
        "No two parameters of an operation become the same Rust name.",
        "Each parameter and the body become setters of the builder; two setters with one name do \
         not compile.",
        "        - name: cursor\n" =>
        "        - {name: tenant-id, in: query, schema: {type: string}}\n        - name: cursor\n";
    DIFFERING_MEDIA_TYPES = "differing-media-types", Own, [Generator]:
        "All media types of a response have the same schema.",
        "The client decodes one type for all media types.",
        r##"        application/json:
          schema:
            $ref: "#/components/schemas/ErrorBody"
"## => r"        application/json:
          schema:
            type: object
";
    MIXED_SUCCESS_BODIES = "mixed-success-bodies", Own, [Generator]:
        "All successful responses of an operation have the same body, or none has one.",
        "The generator supports one type for all successes, where \"no body\" counts as a type, \
         and panics on more.",
        "        \"202\":\n" => r##"        "200":
          description: Deleted.
          content: {application/json: {schema: {$ref: "#/components/schemas/UserIdentity"}}}
        "202":
"##;
    MIXED_ERROR_BODIES = "mixed-error-bodies", Own, [Generator, Ext]:
        "All error responses of an operation have the same body, or none has one.",
        "The generator supports one type for all errors, where \"no body\" counts as a type, and \
         panics on more.",
        "        \"202\":\n" => r#"        "409":
          description: Conflict.
        "202":
"#;
    REQUEST_NOT_JSON = "request-not-json", Own, [Generator, Contract]:
        "Every request body is `application/json`.",
        "The generator always sends `application/json` and panics on other media types.",
        r##"          application/json:
            schema:
              $ref: "#/components/schemas/TenantUser"
"## => r##"          text/plain:
            schema:
              $ref: "#/components/schemas/TenantUser"
"##;
    SEVERAL_REQUEST_MEDIA_TYPES = "several-request-media-types", Own, [Generator, Contract]:
        "A request body has one media type.",
        "The client sends one media type, and the generator panics on more.",
        r##"          application/json:
            schema:
              $ref: "#/components/schemas/TenantUser"
"## => r##"          application/merge-patch+json: {schema: {$ref: "#/components/schemas/TenantUser"}}
          application/json:
            schema:
              $ref: "#/components/schemas/TenantUser"
"##;
    RESPONSE_NOT_JSON = "response-not-json", Own, [Generator]:
        "Every successful response with a body is `application/json` or has the suffix `+json`.",
        "The client decodes JSON only.",
        r##"            application/links+json:
              schema:
                $ref: "#/components/schemas/UserIdentity"
"## => r##"            application/xml:
              schema:
                $ref: "#/components/schemas/UserIdentity"
"##;
    CLOSED_RESPONSE_OBJECT = "closed-response-object", Own, [Generator, Ext]:
        "No response object is closed.",
        "`additionalProperties: false` becomes a type that rejects unknown members: when the \
         server adds one, every response fails.",
        "    Link:\n      type: object\n" =>
        "    Link:\n      type: object\n      additionalProperties: false\n";
    STRICT_RESPONSE_STRING = "strict-response-string", Own, [Generator, Ext]:
        "No response string has a length, a pattern, an enum or a strict format.",
        "The generator makes a type that rejects other values while decoding: one unexpected \
         value fails a whole page of users.",
        "        rel:\n          type: string\n" =>
        "        rel:\n          type: string\n          maxLength: 500\n";
    STRICT_RESPONSE_VALUE = "strict-response-value", Own, [Generator, Ext]:
        "No response boolean has an enum.",
        "The generator makes a type that rejects the other value while decoding.",
        "        rel:\n" => "        secure: {type: boolean, enum: [true]}\n        rel:\n";
    STRICT_RESPONSE_NUMBER = "strict-response-number", Own, [Generator, Ext]:
        "No response number has bounds or an enum.",
        "Bounds select a narrower Rust type, and a value beyond it fails the whole response.",
        "        rel:\n" => "        size: {type: integer, minimum: 0}\n        rel:\n";
    STRICT_RESPONSE_LIST = "strict-response-list", Own, [Generator, Ext]:
        "No response array has a length or unique items.",
        "The generator makes a set or an array of fixed length, which rejects other arrays.",
        "        users:\n          type: array\n" =>
        "        users:\n          type: array\n          uniqueItems: true\n";
    CIRCULAR_SCHEMA = "circular-schema", Any, [Generator, Contract]:
        "No schema consists of itself.",
        "The generator and the validator would recurse until the stack overflows. A schema may \
         refer to itself in a property or in items.",
        "    Link:\n      type: object\n" =>
        "    Link:\n      allOf:\n        - $ref: \"#/components/schemas/Link\"\n";
    RECURSIVE_MERGE = "recursive-merge", Any, [Generator]:
        "The generator can merge the parts of every schema and the properties that they share.",
        "Where merging leads back to the same parts, the generator recurses until the stack \
         overflows.",
        "    Link:\n      type: object\n" => r##"    Base: {type: object, properties: {up: {$ref: "#/components/schemas/Base"}}}
    Derived:
      allOf: [{$ref: "#/components/schemas/Base"}]
      properties: {up: {$ref: "#/components/schemas/Derived"}}
    Link:
      type: object
"##;
    EXTERNAL_REFERENCE = "external-reference", Any, [Generator, Contract]:
        "No reference leaves the document.",
        "The generated crate contains one document and loads no other file.",
        "$ref: \"#/components/schemas/TenantUser\"" =>
        "$ref: \"other.yaml#/components/schemas/TenantUser\"";
    INNER_REFERENCE = "inner-reference", Own, [Generator]:
        "Every reference points to a whole component.",
        "The generator finds types by component name and cannot address parts of a component.",
        r##"if there is one.
          allOf:
            - $ref: "#/components/schemas/Link"
"## => r##"if there is one.
          allOf:
            - $ref: "#/components/schemas/CollectionLinks/properties/self"
"##;
    UNRESOLVED_REFERENCE = "unresolved-reference", Any, [Generator, Fake, Contract]:
        "Every reference resolves.",
        "A missing target can be neither generated nor used for validation.",
        "$ref: \"#/components/schemas/TenantUser\"" =>
        "$ref: \"#/components/schemas/TenantUsers\"";
    INVALID_EXAMPLE = "invalid-example", Own, [Contract, Readers]:
        "Every example is valid against its schema.",
        "People copy examples, and the contract tests send them.",
        "          example: 20\n" => "          example: 200\n";
    INVALID_DEFAULT = "invalid-default", Any, [Generator, Contract]:
        "Every default is valid against its schema.",
        "The generator writes defaults into types; with an invalid default it panics, or the code \
         does not compile.",
        "            maximum: 100\n" => "            maximum: 100\n            default: 200\n";
    INVALID_PATH = "invalid-path", Any, [Generator, Fake, Contract]:
        "Every path can be part of a URL without encoding.",
        "A query, a space or a dot segment in a path makes requests for another path.",
        "  /v1/users:\n" => "  /v1/users?active=true:\n";
    UNSUPPORTED_METHOD = "unsupported-method", Any, [Generator]:
        "No operation uses OPTIONS or TRACE.",
        "The generator calls an HTTP library function named after the method. The library has no \
         function for these methods, so the code does not compile.",
        "    delete:\n" => "    trace:\n";
    MISSING_SUCCESS = "missing-success", Own, [Generator, Ext]:
        "Every operation lists a successful response.",
        "The client treats unlisted responses as errors, so no call could succeed.",
        "        \"204\":\n" => "        x-204:\n";
    DISALLOWED_BODY = "disallowed-body", Any, [Generator, Contract]:
        "No response has a body where HTTP forbids one: to HEAD, or with 1xx, 204, 205 or 304.",
        "The client would fail to decode a body that never arrives.",
        "        \"202\":\n" => r##"        "204":
          content: {application/json: {schema: {$ref: "#/components/schemas/UserIdentity"}}}
"##;
    UNSUPPORTED_PARAMETER = "unsupported-parameter", Own, [Generator, Contract]:
        "Every parameter is a string, number or boolean, or in a query an array of these.",
        "The generator panics on cookies, objects and other styles, or serializes them differently \
         than the document states.",
        "        - name: cursor\n          in: query\n" =>
        "        - name: cursor\n          in: cookie\n";
    RESERVED_HEADER = "reserved-header", Own, [Generator, Ext, Contract]:
        "No parameter is the header `Accept`, `Authorization` or `Content-Type`.",
        "OpenAPI describes these headers by media types and security schemes, and the client sets \
         them; a parameter would send a second one.",
        "        - name: cursor\n" =>
        "        - {name: Accept, in: header, schema: {type: string}}\n        - name: cursor\n";
    INVALID_PARAMETER_NAME = "invalid-parameter-name", Own, [Generator]:
        "Every parameter has a name that is free in the builders, and valid for a header.",
        "A setter `send` conflicts with the method that sends the request, so the code does not \
         compile.",
        "        - name: cursor\n" => "        - name: send\n";
    UNENFORCED_BOUND = "unenforced-bound", Own, [Generator, Ext]:
        "The client enforces every bound of a parameter.",
        "Values outside the bounds must be rejected before sending. The generator ignores bounds, \
         and our rewrite of its code supports only integers in queries.",
        "            type: integer\n            format: int32\n" => "            type: number\n";
    UNSUPPORTED_FORMAT = "unsupported-format", Own, [Generator]:
        "No parameter or request body uses the format `date`, `date-time` or `uuid`.",
        "The generator uses types of the crates chrono and uuid, which the client does not depend \
         on: the code does not compile.",
        "        - name: cursor\n" =>
        "        - {name: since, in: query, schema: {type: string, format: date}}\n        - name: cursor\n";
    AMBIGUOUS_TYPE = "ambiguous-type", Own, [Generator]:
        "No two schemas become the same Rust type name.",
        "`TenantUser` and `tenant_user` become one type. So do a title and a component with the \
         same name, or a component named after an operation and its parameter. The code does not \
         compile.",
        "    Link:\n      type: object\n" =>
        "    link: {type: object}\n    Link:\n      type: object\n";
    INVALID_TYPE_NAME = "invalid-type-name", Own, [Generator]:
        "No schema has a name that generated code uses unqualified.",
        "The generated code uses `Default` and `Err` without a path, which would refer to the \
         schema's type.",
        "    Link:\n      type: object\n" =>
        "    Default: {type: object}\n    Link:\n      type: object\n";
    AMBIGUOUS_MEMBER = "ambiguous-member", Own, [Generator]:
        "No two properties of an object become the same Rust name.",
        "`userId` and `user_id` become the same field twice, which does not compile.",
        "        rel:\n" => "        Href: {type: string}\n        rel:\n";
    UNSUPPORTED_NOT = "unsupported-not", Own, [Generator]:
        "No schema is the negation of another.",
        "Rust has no type for a negation, and the generator panics without naming the location.",
        "        rel:\n" => "        extra: {not: {type: object}}\n        rel:\n";
    NULLABLE_WITHOUT_EFFECT = "nullable-without-effect", Own, [Contract, Readers]:
        "Where a schema is nullable, null is valid.",
        "`nullable` adds null to the `type` in the same schema and to nothing else. Other validators \
         reject null where this project accepts it, and other generators make types without it.",
        "        self:\n          type: object\n          nullable: true\n" =>
        "        self:\n          nullable: true\n";
    UNSATISFIABLE_SCHEMA = "unsatisfiable-schema", Any, [Generator, Contract]:
        "Every schema has valid values.",
        "Contradictory bounds or parts make a type without values: nothing can be sent, and every \
         response with it fails.",
        "        rel:\n" =>
        "        size: {allOf: [{type: string}, {type: integer}]}\n        rel:\n";
    UNPORTABLE_PATTERN = "unportable-pattern", Own, [Generator, Contract]:
        "Every pattern means the same to the client and to the validators.",
        "The client compiles patterns without Unicode classes, where `\\p{L}` matches the text \
         `p{L}`, so it would reject valid values.",
        "            maxLength: 64\n" =>
        "            maxLength: 64\n            pattern: '^\\p{L}+$'\n";
    OWN_OPERATION = "own-operation", Own, [Ext, Fake, Contract]:
        "The document has the client's operations, with their methods and paths.",
        "The client calls their builders, the fake dispatches by operationId, and the checks of \
         live servers request their paths.",
        "operationId: getUser\n" => "operationId: readUser\n";
    OWN_PARAMETER = "own-parameter", Own, [Ext, Fake, Contract]:
        "The parameters that the client sends exist, with the same schemas.",
        "The client calls their setters and constructs their types; the fake and the contract \
         tests read them by name.",
        "        - name: filter\n" => "        - name: search\n";
    OWN_REQUIRED_PARAMETER = "own-required-parameter", Own, [Ext]:
        "No parameter is required unless the client sends it.",
        "The code would compile, but every call would be rejected before it is sent.",
        "      summary: Read a user\n" => "      summary: Read a user
      parameters:
        - {name: region, in: query, required: true, schema: {type: string}}
";
    OWN_REQUEST_BODY = "own-request-body", Own, [Ext, Fake]:
        "The request bodies are those that the client sends, as `application/json`.",
        "The client sends a `TenantUser`, and the generator always sends `application/json`.",
        "        required: true\n        content:\n" => "        content:\n";
    OWN_RESPONSE = "own-response", Own, [Ext, Fake]:
        "The responses that the client returns and the fake sends are listed, with their bodies.",
        "The client returns their types, and the fake would send undocumented responses.",
        "        \"202\":\n" => "        \"204\":\n";
    OWN_MEMBER = "own-member", Own, [Ext, Fake, Contract]:
        "The members that the client reads and writes exist and are optional as before.",
        "The client follows `pagination.next.cursor` and identifies users by `userId`. Without \
         them it does not compile; the fake and the contract tests read them by name.",
        "      required: [users]\n" => "";
    OWN_FAKE_RESPONSE = "own-fake-response", Own, [Fake, Contract]:
        "The fake's responses are valid and have only members that the schemas name.",
        "The fake validates itself against the document: each response would be a finding.",
        "        errorId:\n          type: string\n" =>
        "        errorName:\n          type: string\n";
    OWN_SECURITY = "own-security", Own, [Ext, Fake, Contract]:
        "Every operation of the client requires a bearer token.",
        "The client sends one with every request, and the fake responds with 401 without it.",
        "  - oauth2: []\n" => "  - oauth2: []\n  - {}\n";
    OWN_PATH = "own-path", Own, [Fake, Contract]:
        "Parameters are whole path segments, and no path shadows a later one.",
        "The fake and the contract tests match requests segment by segment and use the first \
         path that matches.",
        "  /v1/tenants/{tenantId}/users:\n" => r#"  /v1/users/me:
    get:
      operationId: getMe
      x-idempotent: true
      summary: Read the caller
      description: Returns nothing if the caller is a user.
      responses: {"204": {description: The caller is a user.}}
  /v1/tenants/{tenantId}/users:
"#;
    GENERATOR = "generator", Any, [Generator]:
        "The generator supports the document.",
        "The generator panics on unsupported input. Where no other rule applies, this rule names \
         the operation and the generator's message; for the project's own document it also names \
         a step of the pipeline that has nothing left to do.",
        r##"          application/json:
            schema:
              $ref: "#/components/schemas/TenantUser"
"## => r##"          multipart/form-data:
            schema:
              $ref: "#/components/schemas/TenantUser"
"##;
}

/// Returns the rule with this name.
pub(crate) fn named(code: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .copied()
        .find(|rule| rule.code.as_str() == code)
}

/// Reports whether a problem with this code counts in any document. Codes without a rule do.
pub(crate) fn applies_to_any(code: Code) -> bool {
    named(code.as_str()).is_none_or(|rule| rule.scope == Scope::Any)
}

/// Reports whether the generator fails because of a problem with this code.
pub(crate) fn concerns_generator(code: Code) -> bool {
    named(code.as_str()).is_none_or(|rule| rule.required_by.contains(&Consumer::Generator))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;

    use super::*;
    use crate::lint::check::all_problems;
    use crate::problem::Problem;
    use authress_users_openapi::Document;

    fn problems(rule: &Rule) -> Vec<Problem> {
        let document = Document::parse("users.yaml", &rule.wrong_example()).unwrap();
        all_problems(&document, rule.scope)
    }

    #[test]
    fn each_rule_has_an_example_that_breaks_it_alone() {
        let mut shown = String::new();
        for rule in RULES {
            let (right, wrong) = rule.edit;
            assert!(EXAMPLE.contains(right) && right != wrong, "{}", rule.code);
            let found = problems(rule);
            assert!(
                !found.is_empty() && found.iter().all(|problem| problem.code == rule.code),
                "{}: {found:#?}",
                rule.code
            );
            for problem in found {
                let _ = writeln!(shown, "{problem}");
            }
        }
        // The snapshot shows the text of every message with its source line.
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn the_right_example_breaks_no_rule() {
        let document = Document::parse("users.yaml", EXAMPLE).unwrap();
        for scope in [Scope::Any, Scope::Own] {
            let found = all_problems(&document, scope);
            assert!(found.is_empty(), "{found:#?}");
        }
    }

    #[test]
    fn codes_are_unique() {
        let codes: BTreeSet<_> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(codes.len(), RULES.len());
    }
}
