mod leaf;
mod loop_a;
mod loop_b;

pub use loop_b::Reexported;
