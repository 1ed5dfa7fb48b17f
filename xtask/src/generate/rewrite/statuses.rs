//! The statuses that count as success.

use syn::visit_mut::{self, VisitMut};
use syn::{Arm, Expr, ExprMatch, File, Lit, Pat, parse_quote};

use super::syntax::{is_expr_path, visit_sends};

/// Accepts every 2xx where a success has no body, since the work is done, and 203 like 200 where it
/// has one. The table of operations keeps the documented statuses.
pub(super) fn accept_other_successes(file: &mut File) -> usize {
    struct Accept(usize);
    impl VisitMut for Accept {
        fn visit_expr_match_mut(&mut self, expression: &mut ExprMatch) {
            visit_mut::visit_expr_match_mut(self, expression);
            let arms = &mut expression.arms;
            if let Some(first) = arms.iter().position(is_empty_success) {
                if !matches!(arms[first].pat, Pat::Range(_)) {
                    arms[first].pat = parse_quote!(200u16..=299u16);
                    self.0 += 1;
                }
                let mut position = 0;
                arms.retain(|arm| {
                    position += 1;
                    position == first + 1 || !is_empty_success(arm)
                });
            } else if !arms.iter().any(|arm| has_status(arm, 203))
                && let Some(arm) = arms.iter_mut().find(|arm| has_status(arm, 200))
            {
                arm.pat = parse_quote!(200u16 | 203u16);
                self.0 += 1;
            }
        }
    }
    let mut accept = Accept(0);
    visit_sends(file, &mut accept);
    accept.0
}

/// Whether an arm is `… => Ok(decode::empty(response))`.
fn is_empty_success(arm: &Arm) -> bool {
    let Expr::Call(ok) = &*arm.body else {
        return false;
    };
    is_expr_path(&ok.func, &["Ok"])
        && matches!(ok.args.first(), Some(Expr::Call(decoder))
            if is_expr_path(&decoder.func, &["decode", "empty"]))
}

/// Whether an arm is for this status.
fn has_status(arm: &Arm, status: u16) -> bool {
    let of = |pattern: &Pat| {
        matches!(pattern, Pat::Lit(literal) if matches!(&literal.lit, Lit::Int(number)
            if number.base10_parse().is_ok_and(|own: u16| own == status)))
    };
    match &arm.pat {
        Pat::Or(either) => either.cases.iter().any(of),
        pattern => of(pattern),
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens as _;
    use syn::ImplItemFn;

    use super::*;

    fn patterns(send: &ImplItemFn) -> (usize, Vec<String>) {
        struct Arms(Vec<String>);
        impl VisitMut for Arms {
            fn visit_arm_mut(&mut self, arm: &mut Arm) {
                self.0.push(arm.pat.to_token_stream().to_string());
            }
        }
        let mut file: File = parse_quote!(
            mod builder {
                impl GetA {
                    #send
                }
            }
        );
        let places = accept_other_successes(&mut file);
        let mut arms = Arms(Vec::new());
        arms.visit_file_mut(&mut file);
        (places, arms.0)
    }

    #[test]
    fn a_success_without_a_body_has_any_status_of_its_class() {
        let (places, patterns) = patterns(&parse_quote!(
            fn send() {
                match status {
                    202u16 => Ok(decode::empty(response)),
                    204u16 => Ok(decode::empty(response)),
                    404u16 => Err(Error::ErrorResponse(decode::empty(response))),
                    _ => Err(Error::UnexpectedResponse(response)),
                }
            }
        ));
        assert_eq!(places, 1);
        assert_eq!(patterns, ["200u16 ..= 299u16", "404u16", "_"]);
    }

    #[test]
    fn a_success_with_a_body_may_have_passed_a_proxy_that_changed_it() {
        let (places, patterns) = patterns(&parse_quote!(
            fn send() {
                match status {
                    200u16 => Ok(decode::json(response)?),
                    _ => Err(Error::UnexpectedResponse(response)),
                }
            }
        ));
        assert_eq!(
            (places, patterns),
            (1, vec!["200u16 | 203u16".to_owned(), "_".to_owned()])
        );
    }

    #[test]
    fn other_statuses_are_kept() {
        let (places, patterns) = patterns(&parse_quote!(
            fn send() {
                match status {
                    200u16 => Ok(decode::json(response)?),
                    203u16 => Ok(decode::json(response)?),
                    _ => Err(Error::UnexpectedResponse(response)),
                }
                match status {
                    201u16 => Ok(decode::json(response)?),
                    _ => Err(Error::UnexpectedResponse(response)),
                }
            }
        ));
        assert_eq!(places, 0);
        assert_eq!(patterns, ["200u16", "203u16", "_", "201u16", "_"]);
    }
}
