use std::fmt::{self, Write as _};

use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::exchange::Exchange;
use crate::mock::served_exchange::ServedExchange;
use crate::mock::state::Shared;
use crate::mock::stub_response::StubResponse;
use crate::operation::Operation;
use crate::report::{Place, Report, STYLE, escaped};
use crate::spec::Spec;

const SCRIPT: &str = include_str!("page.js");
/// The page loads nothing from elsewhere, and no other page may show it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
);
const NO_SNIFF: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-content-type-options"),
    HeaderValue::from_static("nosniff"),
);
/// How many exchanges the page shows.
const MAX_SHOWN: usize = 50;
/// The faults that the page offers, with their command.
const FAULTS: [(&str, &str); 4] = [
    (
        "503 once",
        r#"{"fault":"status","status":503,"operation":"OPERATION"}"#,
    ),
    (
        "reset once",
        r#"{"fault":"resetBeforeHeaders","operation":"OPERATION"}"#,
    ),
    (
        "cut body once",
        r#"{"fault":"cutBody","operation":"OPERATION"}"#,
    ),
    ("HTML once", r#"{"fault":"html","operation":"OPERATION"}"#),
];

/// Returns the page or a part of it; none for other paths.
pub(super) fn respond(shared: &Shared, exchange: &Exchange, path: &str) -> Option<StubResponse> {
    if exchange.method != "GET" {
        return None;
    }
    let (media_type, text) = match path {
        "" => ("text/html; charset=utf-8", page(shared)),
        "live" => ("text/html; charset=utf-8", live(shared)),
        "page.js" => ("text/javascript; charset=utf-8", SCRIPT.to_owned()),
        "page.css" => ("text/css; charset=utf-8", STYLE.to_owned()),
        _ => return None,
    };
    let (name, value) = NO_SNIFF;
    Some(
        StubResponse::from_status(StatusCode::OK)
            .with_header(header::CONTENT_TYPE, HeaderValue::from_static(media_type))
            .with_header(header::CONTENT_SECURITY_POLICY, POLICY)
            .with_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
            .with_header(name, value)
            .body(text),
    )
}

fn page(shared: &Shared) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_page(shared, &mut out);
    out
}

fn write_page(shared: &Shared, out: &mut String) -> fmt::Result {
    let url = escaped(&shared.url);
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Fake of the Authress Users API</title>\n\
         <link rel=\"stylesheet\" href=\"/__mock/page.css\">\n\
         <script src=\"/__mock/page.js\" defer></script>\n</head>\n<body>\n\
         <h1>Fake of the Authress Users API</h1>\n\
         <p>Clients use <code>{url}</code>. <a href=\"/__mock/openapi.json\">Spec</a></p>\n\
         <h2>Faults</h2>\n<p><label>Operation <select id=\"operation\">"
    )?;
    for operation in Operation::ALL {
        writeln!(out, "<option>{operation}</option>")?;
    }
    writeln!(out, "</select></label>")?;
    for (name, command) in FAULTS {
        let command = escaped(command);
        writeln!(
            out,
            "<button data-method=\"POST\" data-path=\"faults\" data-body=\"{command}\">{name}</button>"
        )?;
    }
    writeln!(
        out,
        "<button data-method=\"POST\" data-path=\"faults\" \
         data-body=\"{}\">outage of 30 s</button>\n\
         <button data-method=\"DELETE\" data-path=\"faults\">stop faults</button>\n\
         <button data-method=\"POST\" data-path=\"reset\">reset everything</button></p>\n\
         <p id=\"result\" role=\"status\"></p>\n<main id=\"live\">",
        escaped(r#"{"fault":"status","status":503,"seconds":30}"#)
    )?;
    out.push_str(&live(shared));
    writeln!(out, "</main>\n</body>\n</html>")
}

/// Returns the part of the page that changes.
fn live(shared: &Shared) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_live(shared, &mut out);
    out
}

fn write_live(shared: &Shared, out: &mut String) -> fmt::Result {
    let (exchanges, coverage) = {
        let validator = shared.validator();
        let coverage = validator.coverage().entries(Spec::bundled());
        (validator.exchanges(), coverage)
    };
    let (served, findings) = {
        let state = shared.state();
        let served: Vec<_> = state.served.iter().rev().take(MAX_SHOWN).cloned().collect();
        (served, state.findings.iter().cloned().collect())
    };
    let report = Report::new(exchanges, findings, Vec::new(), coverage);
    writeln!(
        out,
        "<h2>Exchanges</h2>\n<table>\n<thead><tr><th scope=\"col\">#</th>\
         <th scope=\"col\">request</th><th scope=\"col\">status</th><th scope=\"col\">ms</th>\
         <th scope=\"col\">findings</th></tr></thead>\n<tbody>"
    )?;
    for exchange in &served {
        write_exchange(exchange, out)?;
    }
    writeln!(out, "</tbody>\n</table>\n<h2>Findings</h2>")?;
    let locate = |pointer: &str| Some(Place::bundled(pointer));
    out.push_str(&report.findings_html(&locate));
    writeln!(
        out,
        "<h2>Coverage of the spec</h2>\n{}",
        report.coverage_html()
    )
}

fn write_exchange(exchange: &ServedExchange, out: &mut String) -> fmt::Result {
    let fault = if exchange.has_fault { " (fault)" } else { "" };
    writeln!(
        out,
        "<tr><td>{}</td><td>{} {}</td><td>{}{fault}</td><td>{}</td><td>{}</td></tr>",
        exchange.number,
        escaped(&exchange.method),
        escaped(&exchange.path),
        exchange.status,
        exchange.duration.as_millis(),
        exchange.findings.len(),
    )
}
