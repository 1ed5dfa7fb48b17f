//! How answers are read.

use quote::ToTokens as _;
use syn::visit_mut::{self, VisitMut};
use syn::{ExprCall, File, parse_quote};

/// The generator's decoder copies all headers, and looks at each string of a body by itself.
pub(super) fn own_decoder(file: &mut File) -> usize {
    struct Own(usize);
    impl VisitMut for Own {
        fn visit_expr_call_mut(&mut self, call: &mut ExprCall) {
            if call.func.to_token_stream().to_string() == "ResponseValue :: from_response" {
                *call.func = parse_quote!(crate::decode::from_response);
                self.0 += 1;
            }
            visit_mut::visit_expr_call_mut(self, call);
        }
    }
    let mut own = Own(0);
    own.visit_file_mut(file);
    own.0
}
