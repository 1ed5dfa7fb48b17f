pub struct Leaf;

#[cfg(test)]
mod tests {
    use crate::loop_a::A;
}
