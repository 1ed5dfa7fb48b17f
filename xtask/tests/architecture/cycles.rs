//! Cycles of a graph of dependencies.

use std::collections::BTreeSet;

use super::imports::Graph;

/// The largest groups of nodes that all depend on each other.
pub(crate) fn find<N: Ord + Clone>(graph: &Graph<N>) -> Vec<Vec<N>> {
    let mut cycles = Vec::new();
    let mut seen = BTreeSet::new();
    for node in graph.keys() {
        let below = reachable(graph, node);
        if !below.contains(node) || seen.contains(node) {
            continue;
        }
        let cycle: Vec<N> = below
            .into_iter()
            .filter(|other| reachable(graph, other).contains(node))
            .collect();
        seen.extend(cycle.iter().cloned());
        cycles.push(cycle);
    }
    cycles
}

/// Every node that `node` depends on, directly or through others.
pub(crate) fn reachable<N: Ord + Clone>(graph: &Graph<N>, node: &N) -> BTreeSet<N> {
    let mut found = BTreeSet::new();
    let mut open = vec![node.clone()];
    while let Some(next) = open.pop() {
        for other in graph.get(&next).into_iter().flatten() {
            if found.insert(other.clone()) {
                open.push(other.clone());
            }
        }
    }
    found
}
