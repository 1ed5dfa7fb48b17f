//! Every rule of the lint: its code, what it says, and who relies on it.

use std::fmt;

use crate::problem::Code;

/// A rule that a document has to follow. The table below makes all of them there are.
#[derive(Debug)]
pub(crate) struct Rule {
    /// How messages call it.
    pub(crate) code: Code,
    /// What holds, in one sentence.
    pub(crate) summary: &'static str,
    /// What goes wrong without it.
    pub(crate) why: &'static str,
    pub(crate) scope: Scope,
    pub(crate) relied_on_by: &'static [Reliant],
    /// The text of a document that breaks this rule and no other.
    pub(crate) wrong: &'static str,
    /// The same document as it should be.
    pub(crate) right: &'static str,
    /// Nobody else can make a rule.
    _table: (),
}

/// Which documents a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All from which code is made.
    Any,
    /// The project's own, and what is to take its place: hand-written code was made for it.
    Own,
}

/// Who would go wrong without a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reliant {
    /// The generator, and the client that it writes.
    Generator,
    /// The hand-written face.
    Face,
    /// The fake of the API.
    Fake,
    /// The rules that traffic is held against.
    Contract,
    /// Who reads the document, or what is made from it.
    Readers,
}

impl fmt::Display for Reliant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Generator => "the generator",
            Self::Face => "the face",
            Self::Fake => "the fake",
            Self::Contract => "the contract",
            Self::Readers => "readers of the documentation",
        })
    }
}

/// Where the test documents of the rules stand, as `CODE.wrong.yaml` and `CODE.right.yaml`.
pub(crate) const DOCUMENTS: &str = "xtask/fixtures/lint";

macro_rules! rules {
    ($($name:ident = $code:literal, $scope:ident, [$($reliant:ident),+]: $summary:literal, $why:literal;)*) => {
        $(pub(crate) static $name: Rule = Rule {
            code: Code::new($code),
            summary: $summary,
            why: $why,
            scope: Scope::$scope,
            relied_on_by: &[$(Reliant::$reliant),+],
            wrong: include_str!(concat!("../../fixtures/lint/", $code, ".wrong.yaml")),
            right: include_str!(concat!("../../fixtures/lint/", $code, ".right.yaml")),
            _table: (),
        };)*

        /// Every rule.
        pub(crate) static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    OPENAPI_VERSION = "openapi-version", Any, [Generator, Contract]:
        "A document is OpenAPI 3.0.",
        "Swagger 2 and OpenAPI 3.1 have other members for the same things; the generator refuses \
         them, and every rule would misread them.";
    NOT_OPENAPI = "not-openapi", Any, [Generator, Contract]:
        "Every object is what OpenAPI 3.0 has in its place.",
        "The generator reads the document as a whole or not at all, and its own message names \
         no place. Members that OpenAPI does not have are passed over in silence.";
    NO_OPERATIONS = "no-operations", Any, [Generator]:
        "A document has operations.",
        "Without any, an empty client would be written over the one that is there.";
    MISSING_RESPONSES = "missing-responses", Any, [Generator, Contract]:
        "Every operation lists its answers.",
        "The client tells answers apart by what is listed; without a list none is a success.";
    MISSING_SCHEMA = "missing-schema", Any, [Generator, Contract]:
        "Every body, parameter and header has a schema.",
        "The generator panics over a body without one, and no value could be held against it.";
    UNKNOWN_MEMBER = "unknown-member", Any, [Generator, Contract]:
        "Every object has the members that OpenAPI 3.0 gives it, and extensions that start with `x-`.",
        "Others are passed over: `DELETE` is no method to a reader of OpenAPI, and the operation \
         would be missing from the client without a word; a `requred` parameter is optional.";
    PATH_WITHOUT_SLASH = "path-without-slash", Any, [Generator, Fake, Contract]:
        "Every path starts with a slash.",
        "Anything else is passed over, and its operations with it.";
    AMBIGUOUS_PATH = "ambiguous-path", Any, [Fake, Contract]:
        "No two paths differ in the names of their parameters alone.",
        "A server can't tell them apart, and neither can who looks up the operation of a request.";
    UNDECLARED_SECURITY_SCHEME = "undeclared-security-scheme", Any, [Contract, Readers]:
        "Every security scheme that is asked for is declared.",
        "A scheme that is declared nowhere tells nobody how to be let in.";
    OPEN_STATUS = "open-status", Any, [Generator, Face, Contract]:
        "Every answer is listed by its own status.",
        "`default` and `4XX` make an answer of whatever comes, a proxy's page included, so that \
         nothing would be undocumented. The table of operations has one status a row.";
    UNKNOWN_STATUS = "unknown-status", Any, [Generator, Contract]:
        "Every status is three digits, from 100 to 599.",
        "A status that HTTP does not have is never answered, and is no number of the table.";
    MISSING_OPERATION_ID = "missing-operation-id", Any, [Generator, Face, Fake, Contract]:
        "Every operation has an operationId.",
        "Methods, types and constants of the client are named after it, and spans, errors and \
         findings call the operation by it.";
    UNUSABLE_OPERATION_ID = "unusable-operation-id", Any, [Generator]:
        "An operationId makes a name in Rust that nothing else has.",
        "The generator makes a method, a type and a constant of it. A keyword, or a name of the \
         client's own, would be code that does not compile.";
    DUPLICATE_OPERATION_ID = "duplicate-operation-id", Any, [Generator, Face, Fake, Contract]:
        "No two operations have operationIds that make one name.",
        "They would be one method twice, which does not compile.";
    MISSING_SUMMARY = "missing-summary", Any, [Readers]:
        "Every operation has a summary.",
        "It is the first line of the method's documentation, and stands in the table of operations.";
    MISSING_DESCRIPTION = "missing-description", Any, [Readers]:
        "Every operation has a description.",
        "It is the documentation of the method; a name alone says too little.";
    MISSING_IDEMPOTENT = "missing-idempotent", Any, [Face, Contract]:
        "Every operation says by `x-idempotent` whether it may be sent again.",
        "Retries depend on that: what is not known to be harmless is not repeated.";
    UNDECLARED_PATH_PARAMETER = "undeclared-path-parameter", Any, [Generator, Contract]:
        "Every name in a path is declared as a parameter of it.",
        "The generator panics over a name that it has no parameter for.";
    UNUSED_PATH_PARAMETER = "unused-path-parameter", Any, [Generator, Contract]:
        "Every path parameter stands in the path.",
        "The generator panics over one that it can put nowhere.";
    OPTIONAL_PATH_PARAMETER = "optional-path-parameter", Any, [Generator, Contract]:
        "Every path parameter is required.",
        "A path without its parameter is another path: `/v1/users/` is not one of a user.";
    UNSAFE_PATH_PARAMETER = "unsafe-path-parameter", Any, [Generator, Face]:
        "No path parameter may be empty, `.` or `..`, or hold a backslash.",
        "Readers of URLs collapse `.` and `..`, encoded or not, and take a backslash for a slash: \
         a request with such an id addresses another resource. `DELETE /v1/users/..` is \
         `DELETE /v1/`.";
    UNUSABLE_SCHEMA = "unusable-schema", Any, [Generator, Contract]:
        "Every schema of a parameter, an example or a default can be held against values.",
        "A pattern that is no regular expression makes a client that panics when it is used.";
    DUPLICATE_PARAMETER = "duplicate-parameter", Any, [Generator, Contract]:
        "No parameter is listed twice.",
        "The generator would keep one of them, and not say which.";
    AMBIGUOUS_PARAMETER = "ambiguous-parameter", Any, [Generator]:
        "No two parameters of an operation have one name in Rust.",
        "Each becomes a setter of the builder, and so does the body: two of a name do not compile.";
    DIFFERING_MEDIA_TYPES = "differing-media-types", Any, [Generator]:
        "All media types of one response have the same schema.",
        "The client reads one type, whichever media type comes.";
    MIXED_SUCCESS_BODIES = "mixed-success-bodies", Any, [Generator]:
        "All successes of an operation have the same body, or none has one.",
        "The generator knows one type for all successes, \"no body\" being one, and panics over more.";
    MIXED_ERROR_BODIES = "mixed-error-bodies", Any, [Generator, Face]:
        "All errors of an operation have the same body, or none has one.",
        "The generator knows one type for all errors, \"no body\" being one, and panics over more.";
    REQUEST_NOT_JSON = "request-not-json", Any, [Generator, Contract]:
        "Every request body is `application/json`.",
        "The generator sends JSON as `application/json` whatever the document calls it, and panics \
         over other media types.";
    SEVERAL_REQUEST_MEDIA_TYPES = "several-request-media-types", Any, [Generator, Contract]:
        "A request body has one media type.",
        "The client sends one, and the generator panics over more.";
    RESPONSE_NOT_JSON = "response-not-json", Any, [Generator]:
        "Every success with a body is `application/json`, or JSON by its suffix.",
        "The client reads JSON; anything else would be handed over as bytes, or not generated.";
    CLOSED_RESPONSE_OBJECT = "closed-response-object", Any, [Generator, Face]:
        "No object of a response is closed.",
        "`additionalProperties: false` becomes a type that refuses members that it does not know: \
         the day the server adds one, every answer is an error.";
    STRICT_RESPONSE_STRING = "strict-response-string", Any, [Generator, Face]:
        "No string of a response has a length, a pattern, an enum or a strict format.",
        "The generator makes a type of it that refuses other values while it reads: one odd value \
         would cost a whole page of users.";
    STRICT_RESPONSE_VALUE = "strict-response-value", Any, [Generator, Face]:
        "No boolean of a response is narrowed by an enum.",
        "The generator makes a type of it that refuses the other value while it reads.";
    STRICT_RESPONSE_NUMBER = "strict-response-number", Any, [Generator, Face]:
        "No number of a response has bounds or an enum.",
        "Bounds choose a narrower type in Rust, and a value beyond it costs the whole answer.";
    STRICT_RESPONSE_LIST = "strict-response-list", Any, [Generator, Face]:
        "No list of a response has a length, or items that must differ.",
        "The generator makes a set or an array of fixed length of it, which refuses other lists.";
    CIRCULAR_SCHEMA = "circular-schema", Any, [Generator, Contract]:
        "No schema is made of itself.",
        "The generator and the validator would follow it until the stack overflows. A schema may \
         hold itself in a property or as an item: there is an end to that.";
    ENDLESS_MERGE = "endless-merge", Any, [Generator]:
        "The parts of a schema can be put together, and so can the members that they share.",
        "Where that leads back to the same parts, the generator goes on until the stack overflows.";
    FOREIGN_REFERENCE = "foreign-reference", Any, [Generator, Contract]:
        "No reference leads out of the document.",
        "The generated crate carries one document, and nothing reads another file or fetches one.";
    INNER_REFERENCE = "inner-reference", Any, [Generator]:
        "Every reference leads to a whole component.",
        "The generator finds types by the name of a component, and knows no parts of them.";
    UNRESOLVED_REFERENCE = "unresolved-reference", Any, [Generator, Fake, Contract]:
        "Every reference leads to something.",
        "What is not there can be neither generated nor held against traffic.";
    EXAMPLE_MISFIT = "example-misfit", Any, [Contract, Readers]:
        "Every example fits its schema.",
        "Examples are what people copy, and the contract's tests send them.";
    DEFAULT_MISFIT = "default-misfit", Any, [Generator, Contract]:
        "Every default fits its schema.",
        "The generator writes defaults into the types, and does not compile or panics over one \
         that does not fit.";
    UNUSABLE_PATH = "unusable-path", Any, [Generator, Fake, Contract]:
        "Every path is one that a URL carries as it stands.",
        "A query in it, a space or a dot segment makes requests that belong to another path.";
    UNSUPPORTED_METHOD = "unsupported-method", Any, [Generator]:
        "No operation is an OPTIONS or a TRACE.",
        "The generator calls functions of the HTTP library by the name of the method, and it has \
         none for these: the code does not compile.";
    MISSING_SUCCESS = "missing-success", Any, [Generator, Face]:
        "Every operation lists an answer of success.",
        "What is not listed is an error to the client, so that no call could succeed.";
    IMPOSSIBLE_BODY = "impossible-body", Any, [Generator, Contract]:
        "No answer has a body where HTTP has none: to HEAD, or with 204, 205, 304 or 1xx.",
        "The client would try to read the body that never comes, and fail each time.";
    UNSENDABLE_PARAMETER = "unsendable-parameter", Any, [Generator, Contract]:
        "Every parameter is plain: a text, a number, a boolean, or in a query a list of these.",
        "The generator panics over cookies, objects and other styles, or writes them in another \
         way than the document says.";
    RESERVED_HEADER = "reserved-header", Any, [Generator, Face, Contract]:
        "No parameter is the header `Accept`, `Authorization` or `Content-Type`.",
        "OpenAPI says these by media types and security, and the client sends them by itself: a \
         parameter would make a second one.";
    UNUSABLE_PARAMETER_NAME = "unusable-parameter-name", Any, [Generator]:
        "No parameter has a name that the client's builders use, or that no header can have.",
        "A setter `send` beside the function that sends does not compile.";
    UNKEPT_BOUND = "unkept-bound", Any, [Generator, Face]:
        "Every bound of a parameter is one that the client keeps.",
        "A value that the document rules out is refused before it is sent. The generator ignores \
         bounds, and the correction that adds them knows integers of queries alone.";
    FOREIGN_FORMAT = "foreign-format", Any, [Generator]:
        "Nothing that is sent has the format `date`, `date-time` or `uuid`.",
        "The generator makes types of the crates chrono and uuid of them, which the client does \
         not depend on: the code does not compile.";
    AMBIGUOUS_TYPE = "ambiguous-type", Any, [Generator]:
        "No two schemas have one name in Rust.",
        "`TenantUser` and `tenant_user` are one type; so are a title and a component, and a \
         parameter of an operation and a component named after both. The code does not compile.";
    UNUSABLE_TYPE_NAME = "unusable-type-name", Any, [Generator]:
        "No schema has the name of something that generated code uses.",
        "The code says `Default` and `Err` without saying whose, and would mean the schema's type.";
    AMBIGUOUS_MEMBER = "ambiguous-member", Any, [Generator]:
        "No two members of an object have one name in Rust.",
        "`userId` and `user_id` would be one field twice, which does not compile.";
    UNSUPPORTED_NOT = "unsupported-not", Any, [Generator]:
        "No schema is what another is not.",
        "There is no type for that, and the generator panics without naming the place.";
    CONTRADICTORY_SCHEMA = "contradictory-schema", Any, [Generator, Contract]:
        "Every schema has values that fit it.",
        "Where bounds or parts contradict each other, the client makes a type without a value: \
         nothing can be sent, and every answer with one is an error.";
    UNPORTABLE_PATTERN = "unportable-pattern", Any, [Generator, Contract]:
        "Every pattern means the same to the client and to the checks.",
        "The client reads patterns without Unicode classes: `\\p{L}` is the text `p{L}` to it, and \
         it would refuse what everybody else allows.";
    OWN_OPERATION = "own-operation", Own, [Face, Fake, Contract]:
        "The operations that the face offers are there, with their methods and paths.",
        "The face calls their builders, the fake carries them out by their ids, and the checks of \
         running servers ask for their paths.";
    OWN_PARAMETER = "own-parameter", Own, [Face, Fake, Contract]:
        "The parameters that the face sends are there, with the schemas that it knows.",
        "The face calls their setters and makes their types; the fake and the contract read them \
         by name.";
    OWN_REQUIRED_PARAMETER = "own-required-parameter", Own, [Face]:
        "No parameter is required but those that the face sends.",
        "Everything compiles, and every call is refused before it is sent.";
    OWN_REQUEST_BODY = "own-request-body", Own, [Face, Fake]:
        "Request bodies are those that the face sends, as `application/json`.",
        "The face makes a `TenantUser`, and the generator sends JSON as `application/json` \
         whatever the document calls it.";
    OWN_ANSWER = "own-answer", Own, [Face, Fake]:
        "The answers that the face returns and the fake gives are listed, with their bodies.",
        "The face returns their types, and the fake would answer what the document does not have.";
    OWN_MEMBER = "own-member", Own, [Face, Fake, Contract]:
        "The members that the face reads and writes are there, and optional where they were.",
        "A list goes on by `pagination.next.cursor`, and a user is known by `userId`: without them \
         the face does not compile, and the fake and the contract look for them by name.";
    OWN_FAKE_ANSWER = "own-fake-answer", Own, [Fake, Contract]:
        "What the fake answers fits the schemas and has no member that they don't name.",
        "The fake holds itself against the document: each of its answers would be a finding.";
    OWN_SECURITY = "own-security", Own, [Face, Fake, Contract]:
        "Every operation of the face asks for a bearer token.",
        "The face sends one with every request, and the fake answers 401 without.";
    OWN_PATH = "own-path", Own, [Fake, Contract]:
        "Parameters are whole segments of a path, and no path hides one that comes later.",
        "The fake and the contract find the operation of a request segment by segment, and take \
         the first that fits.";
    GENERATOR = "generator", Any, [Generator]:
        "The generator can do what the document asks for.",
        "It panics over what it does not know. Where no other rule has foreseen that, this one \
         names the operation with what the generator said; in the project's own document it also \
         names a step of the pipeline that finds nothing to do any more.";
}

/// Returns the rule with this name.
pub(crate) fn named(code: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .copied()
        .find(|rule| rule.code.as_str() == code)
}

/// Returns the rule with this code.
pub(crate) fn with_code(code: Code) -> Option<&'static Rule> {
    named(code.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::lint::checked;
    use crate::testing::repository;
    use authress_users_openapi::Document;

    /// What is said of one of a rule's two documents.
    fn problems(rule: &Rule, which: &str) -> Vec<String> {
        let name = format!("{}.{which}.yaml", rule.code);
        let text = if which == "wrong" {
            rule.wrong
        } else {
            rule.right
        };
        let problems = checked(&Document::parse(&name, text).unwrap(), rule.scope);
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_rule_has_a_document_that_breaks_it_alone_and_one_that_breaks_none() {
        for rule in RULES {
            let wrong = problems(rule, "wrong");
            let code = format!(": [{}] ", rule.code);
            assert!(
                !wrong.is_empty() && wrong.iter().all(|problem| problem.contains(&code)),
                "{}: {wrong:#?}",
                rule.code
            );
            let right = problems(rule, "right");
            assert!(right.is_empty(), "{}: {right:#?}", rule.code);
        }
    }

    #[test]
    fn every_test_document_belongs_to_a_rule() {
        let found: BTreeSet<String> = std::fs::read_dir(repository().join(DOCUMENTS))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let expected: BTreeSet<String> = RULES
            .iter()
            .flat_map(|rule| ["wrong", "right"].map(|which| format!("{}.{which}.yaml", rule.code)))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn no_two_rules_have_one_code() {
        let codes: BTreeSet<_> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(codes.len(), RULES.len());
    }

    #[test]
    fn every_problem_is_shown_with_its_source_line() {
        let shown: String = RULES
            .iter()
            .flat_map(|rule| problems(rule, "wrong"))
            .map(|problem| problem + "\n")
            .collect();
        insta::assert_snapshot!(shown);
    }
}
