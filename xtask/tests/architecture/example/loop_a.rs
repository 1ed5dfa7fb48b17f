use crate::leaf::Leaf;

// `Reexported` is named through the crate root, and defined in loop_b/inner.rs.
macro_rules! reexported {
    () => {
        $crate::Reexported
    };
}

pub struct A(Leaf);
