mod inner;

pub use inner::Reexported;

pub type B = crate::loop_a::A;
