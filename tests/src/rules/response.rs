//! What an answer must be like.

use http::header;

use super::{
    RESPONSE_BODY_MISSING, RESPONSE_BODY_UNDECLARED, RESPONSE_BODY_VALID, RESPONSE_DUPLICATE_NAME,
    RESPONSE_FORMAT, RESPONSE_HEADER, RESPONSE_JSON, RESPONSE_MEDIA_TYPE, RESPONSE_STATUS,
    RESPONSE_UNKNOWN_MEMBER, RESPONSE_UTF8, RESPONSE_WRITE_ONLY, Scene,
};
use crate::exchange::{Response, text};
use crate::finding::Finding;
use crate::json::{self, Unreadable};
use crate::omitted::LeftOut;
use crate::spec::{Answer, MisfitKind, SpecOperation, essence};

/// Holds an answer against the document.
pub(crate) fn judge_response(
    scene: &Scene<'_>,
    operation: &SpecOperation,
    response: &Response,
) -> Vec<Finding> {
    let Some((_, answer)) = operation.answer(response.status) else {
        let documented: Vec<_> = operation.responses.keys().map(String::as_str).collect();
        return vec![scene.finding(
            &RESPONSE_STATUS,
            format!("{}/responses", operation.pointer),
            format!("one of the statuses {}", documented.join(", ")),
            response.status.to_string(),
        )];
    };
    if scene.lacks(LeftOut::ResponseHeaders) {
        return Vec::new();
    }
    let mut findings = headers(scene, answer, response);
    if !scene.lacks(LeftOut::ResponseBody) {
        findings.extend(body(scene, answer, response));
    }
    findings
}

fn headers(scene: &Scene<'_>, answer: &Answer, response: &Response) -> Vec<Finding> {
    let mut findings = Vec::new();
    for declared in &answer.headers {
        let name = &declared.name;
        let mut values = response.headers.get_all(name).iter().peekable();
        if values.peek().is_none() && declared.is_required {
            let expected = format!("the header {name}");
            findings.push(scene.finding(&RESPONSE_HEADER, &declared.pointer, expected, "none"));
        }
        for value in values {
            let value = declared.schema.value_of(&text(value));
            for misfit in declared.schema.misfits(&value) {
                let expected = format!("{} in the header {name}", misfit.expected);
                let finding =
                    scene.finding(&RESPONSE_HEADER, &declared.pointer, expected, misfit.got);
                findings.push(finding);
            }
        }
    }
    findings
}

fn body(scene: &Scene<'_>, answer: &Answer, response: &Response) -> Vec<Finding> {
    let pointer = &answer.pointer;
    let length = response.body.len();
    if answer.media.is_empty() {
        let undeclared = (length > 0).then(|| {
            let got = format!("{length} bytes");
            scene.finding(&RESPONSE_BODY_UNDECLARED, pointer, "no body", got)
        });
        return undeclared.into_iter().collect();
    }
    if length == 0 {
        return vec![scene.finding(&RESPONSE_BODY_MISSING, pointer, "a body", "none")];
    }
    let given = response.headers.get(header::CONTENT_TYPE).map(text);
    let media_type = given.as_deref().map(essence).unwrap_or_default();
    let Some(media) = answer.media.iter().find(|media| media.name == media_type) else {
        let types: Vec<_> = answer.media.iter().map(|media| &*media.name).collect();
        return vec![scene.finding(
            &RESPONSE_MEDIA_TYPE,
            format!("{pointer}/content"),
            format!("Content-Type: {}", types.join(" or ")),
            given.map_or_else(
                || "none".to_owned(),
                |given| format!("Content-Type: {given}"),
            ),
        )];
    };
    let value = match json::read(&response.body) {
        Ok(value) => value,
        Err(unreadable) => {
            let (rule, expected, got) = match unreadable {
                Unreadable::NotUtf8 => (&RESPONSE_UTF8, "UTF-8", "other bytes".to_owned()),
                Unreadable::NotJson(line, column) => (
                    &RESPONSE_JSON,
                    "JSON",
                    format!("what stops being JSON at line {line}, column {column}"),
                ),
                Unreadable::DuplicateName => (
                    &RESPONSE_DUPLICATE_NAME,
                    "each name once",
                    "one twice".to_owned(),
                ),
            };
            return vec![scene.finding(rule, &media.pointer, expected, got)];
        }
    };
    let mut findings: Vec<Finding> = Vec::new();
    for misfit in media.schema.misfits(&value) {
        let rule = match misfit.kind {
            MisfitKind::Invalid => &RESPONSE_BODY_VALID,
            MisfitKind::Format => &RESPONSE_FORMAT,
            MisfitKind::UnknownMember => &RESPONSE_UNKNOWN_MEMBER,
            MisfitKind::ForbiddenMember => &RESPONSE_WRITE_ONLY,
        };
        let expected = format!("{} at {}", misfit.expected, misfit.place);
        let finding = scene.finding(rule, &media.schema.pointer, expected, misfit.got);
        // A hundred users with the same fault are one finding.
        let is_known =
            |other: &Finding| (other.rule, &other.expected) == (finding.rule, &finding.expected);
        if !findings.iter().any(is_known) {
            findings.push(finding);
        }
    }
    findings
}
