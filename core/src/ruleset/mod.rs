//! Criteria sets as data.
