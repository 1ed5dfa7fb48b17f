use super::B;

pub struct Reexported(B);
