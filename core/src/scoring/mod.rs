//! Points of a sheet: one file for each rule type.
