//! The committed JSON Schema agrees with the reader: what editors complete is what is taken.

#![expect(clippy::unwrap_used, reason = "what is wrong here fails the test")]

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};
use xeploai_core::ruleset::{Ruleset, shipped_json};

/// The committed schema, ready to validate.
struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn committed() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let text: Value = serde_json::from_str(include_str!("../rulesets/schema.json")).unwrap();
        compiler.add_resource("schema.json", text).unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn check(&self, set: &Value) -> Result<(), String> {
        self.schemas.validate(set, self.index).map_err(|error| error.to_string())
    }
}

fn demo_b() -> Value {
    serde_json::from_str(shipped_json()[1]).unwrap()
}

#[test]
fn every_shipped_file_fits_the_schema_that_it_names() {
    let schema = Schema::committed();
    for json in shipped_json() {
        let set: Value = serde_json::from_str(json).unwrap();
        assert_eq!(set["$schema"], "./schema.json");
        assert_eq!(schema.check(&set), Ok(()), "{}", set["code"]);
    }
}

#[test]
fn what_is_no_criteria_set_is_refused_by_reader_and_schema_alike() {
    let schema = Schema::committed();
    for (pointer, key, value) in [
        ("", "bonus", json!("10")),
        ("", "trust", json!("sure")),
        ("", "subject", json!("team")),
        ("", "version", json!("1")),
        ("", "total_cap", json!(100)),
        ("", "total_cap", json!("a hundred")),
        ("", "total_cap", json!("1.23456")),
        ("", "tie_keys", json!(["name"])),
        ("", "columns", json!(["peer"])),
        ("/rounding", "classify_on", json!("both")),
        ("/rounding", "mode", json!("half_even")),
        ("/levels/0", "level", json!("A")),
        ("/levels/0", "from", json!(90)),
        ("/groups/0/criteria/0", "max", json!("10/0,5")),
        ("/groups/0/criteria/0", "applies", json!({"standing": ["head"]})),
        ("/groups/0/criteria/0", "rule", json!({"kind": "magic"})),
        ("/groups/0/criteria/0", "rule", json!({"kind": "count"})),
        ("/groups/0/criteria/0", "rule", json!({"kind": "count", "each": "1", "cap": "4"})),
        (
            "/groups/0/criteria/0",
            "rule",
            json!({"kind": "deduct_late", "bands": [{"days": "1", "points": "1"}]}),
        ),
    ] {
        let mut set = demo_b();
        set.pointer_mut(pointer).unwrap()[key] = value.clone();
        let read = Ruleset::parse(&set.to_string()).map_err(|error| error.code());
        assert_eq!(read.err(), Some("ruleset.json"), "{pointer}/{key} = {value}");
        assert!(schema.check(&set).is_err(), "the schema takes {pointer}/{key} = {value}");
    }
}

#[test]
fn what_must_stand_in_a_set_is_the_same_for_reader_and_schema() {
    let schema = Schema::committed();
    for key in demo_b().as_object().unwrap().keys() {
        let mut set = demo_b();
        set.as_object_mut().unwrap().remove(key);
        let read = !matches!(Ruleset::parse(&set.to_string()), Err(error) if error.code() == "ruleset.json");
        assert_eq!(schema.check(&set).is_ok(), read, "without {key}");
    }
}
