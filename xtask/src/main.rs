//! The project's own commands; `cargo xtask --help` lists them.

mod corrections;
mod document;
mod generate;
mod lowering;
mod output;
mod problem;
mod table;
#[cfg(test)]
mod testing;

fn main() {
    let document = document::Document::read(std::path::Path::new("openapi/users.yaml")).unwrap();
    let files = generate::files(&document).unwrap();
    println!("{:?}", output::write(std::path::Path::new("authress-users-client/src/generated"), &files));
}
