//! The Mermaid diagram of the crates and their folders.

use std::fmt::Write as _;

use super::cycles::reachable;
use super::imports::Graph;

/// Draws each crate as a box around its folders, and an arrow from what imports to what is
/// imported. An arrow that others imply is omitted.
pub(crate) fn draw(crates: &Graph<String>, folders: &[(String, Graph<String>)]) -> String {
    let mut diagram = String::from("flowchart TD\n");
    for (name, graph) in folders {
        let _ = writeln!(diagram, "  subgraph {name}");
        for folder in graph.keys() {
            let _ = writeln!(diagram, "    {name}/{folder}[{folder}]");
        }
        for (from, to) in without_implied(graph) {
            let _ = writeln!(diagram, "    {name}/{from} --> {name}/{to}");
        }
        diagram.push_str("  end\n");
    }
    for (from, to) in without_implied(crates) {
        let _ = writeln!(diagram, "  {from} ==> {to}");
    }
    diagram
}

fn without_implied(graph: &Graph<String>) -> Vec<(&String, &String)> {
    let mut edges = Vec::new();
    for (from, imports) in graph {
        for to in imports {
            let implied = imports.iter().any(|other| {
                let below = reachable(graph, other);
                other != to && below.contains(to) && !below.contains(from)
            });
            if !implied {
                edges.push((from, to));
            }
        }
    }
    edges
}
