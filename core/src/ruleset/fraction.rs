//! A maximum as files write it: a decimal, or a fraction such as `35/3` that no decimal is.

use serde::{Deserialize, Deserializer, Serializer};

use crate::points::{Exact, Points};

pub(super) fn serialize<S: Serializer>(value: &Exact, serializer: S) -> Result<S::Ok, S::Error> {
    match value.as_points() {
        Some(points) => serializer.collect_str(&points),
        None => serializer.collect_str(value),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Exact, D::Error> {
    let text = String::deserialize(deserializer)?;
    read(&text).ok_or_else(|| serde::de::Error::custom("not points, and not a fraction such as 35/3"))
}

fn read(text: &str) -> Option<Exact> {
    match text.split_once('/') {
        None => Points::parse(text).ok().map(Exact::from),
        Some((numer, denom)) => {
            let part = |text: &str| text.parse::<u32>().ok().map(i128::from);
            Exact::new(part(numer)?, part(denom)?)
        }
    }
}
