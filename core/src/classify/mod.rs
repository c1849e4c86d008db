//! Levels, ranking and their explanation.
