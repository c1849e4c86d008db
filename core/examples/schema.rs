//! Prints the JSON Schema of criteria-set files, for `cargo xtask bindings`: keys, types and what they mean. What a schema
//! can't say, validation does.

fn main() -> Result<(), serde_json::Error> {
    let schema = schemars::schema_for!(xeploai_core::ruleset::Definition);
    println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(())
}
