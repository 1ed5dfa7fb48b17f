mod dependents;
mod edits;
mod items;
mod support;
