mod json;
mod text;
