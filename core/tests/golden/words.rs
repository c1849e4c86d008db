//! What stands in the files in words: the same for this code and for the decoder in Python.

use serde_json::{Value as Json, json};
use xeploai_core::ruleset::RulesetId;
use xeploai_core::sheet::{Field, SheetKey, Subject, Value};
use xeploai_core::sync::Scope;
use xeploai_core::sync::body::{Body, Change, ScoreChange};
use xeploai_core::sync::content::{Block, Content};
use xeploai_core::sync::epoch::Epochs;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::Short;
use xeploai_core::sync::snapshot::{Entry, Proof, Snapshot};
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::sync::verdict::{FrameVerdict, Rank, Verdicts};
use xeploai_core::sync::wire::WireError;
use xeploai_core::view::{Measure, MinutesPart};

use super::{DEPARTMENT, department_key, hex};

/// What is inside the body of a frame of this scope; of one of a later version nothing but its number.
pub(crate) fn body_json(bytes: &[u8], scope: Scope) -> Json {
    let body = match Body::decode(bytes, scope) {
        Err(WireError::Version) => return json!({"version": bytes[0]}),
        body => body.unwrap(),
    };
    json!({
        "version": bytes[0],
        "counter": body.counter,
        "sealed_at": body.sealed_at,
        "revision": body.revision,
        "changes": body.changes.iter().map(change_json).collect::<Vec<_>>(),
    })
}

fn change_json(change: &Change) -> Json {
    match change {
        Change::Score(score) => score_json(score),
        Change::Act(act) => json!({
            "change": "act",
            "sheet": sheet_json(&act.sheet),
            "kind": format!("{:?}", act.kind).to_lowercase(),
            "digest": hex(&act.digest),
            "minutes_before": act.minutes_before,
            "reason": act.reason,
        }),
        Change::Document(document) => json!({
            "change": "document", "kind": document.kind, "id": hex(&document.id), "json": document.json,
        }),
        Change::Witness(witness) => json!({
            "change": "witness",
            "epoch": hex(&witness.epoch),
            "batch": witness.batch,
            "beacon_at": witness.beacon_at,
            "boot": hex(&witness.boot),
            "elapsed_s": witness.elapsed_s,
            "frames": witness.frames,
        }),
        Change::Unknown => json!({"change": "unknown"}),
    }
}

fn score_json(score: &ScoreChange) -> Json {
    let field = match score.place.field {
        Field::Points => "points".to_owned(),
        Field::Note => "note".to_owned(),
        Field::Evidence(slot) => format!("evidence {slot}"),
        Field::Quantity(product, Measure::Assigned) => format!("product {product} assigned"),
        Field::Quantity(product, Measure::Completed) => format!("product {product} completed"),
        Field::Quantity(product, Measure::QualityOk) => format!("product {product} quality_ok"),
        Field::Quantity(product, Measure::OnTime) => format!("product {product} on_time"),
        Field::Quantity(product, Measure::Faults) => format!("product {product} faults"),
        Field::Quantity(product, Measure::Delays) => format!("product {product} delays"),
        Field::Quantity(product, Measure::ExcusedFaults) => format!("product {product} excused_faults"),
        Field::Quantity(product, Measure::ExcusedDelays) => format!("product {product} excused_delays"),
        Field::Minutes(MinutesPart::Delegation) => "minutes delegation".to_owned(),
        Field::Minutes(MinutesPart::Place) => "minutes place".to_owned(),
        Field::Minutes(MinutesPart::Arrived) => "minutes arrived".to_owned(),
        Field::Minutes(MinutesPart::Left) => "minutes left".to_owned(),
        Field::Minutes(MinutesPart::Remarks) => "minutes remarks".to_owned(),
        Field::Minutes(MinutesPart::Representative) => "minutes representative".to_owned(),
        Field::Minutes(MinutesPart::Opinion) => "minutes opinion".to_owned(),
    };
    let (kind, value) = match &score.value {
        Value::Points(points) => ("points", json!(points)),
        Value::Text(text) => ("text", json!(text)),
        Value::Empty => ("empty", json!(true)),
        Value::Evidence(evidence) => (
            "evidence",
            json!({
                "content": content_json(evidence.content),
                "media": evidence.media.name(),
                "name": evidence.name,
                "thumbnail": evidence.thumbnail.map(content_json),
            }),
        ),
    };
    let replaces: Vec<_> =
        score.replaces.iter().map(|id| json!({"frame": id.frame, "index": id.index})).collect();
    json!({
        "change": "score",
        "sheet": sheet_json(&score.sheet),
        "criterion": score.place.criterion,
        "column": score.place.column,
        "field": field,
        kind: value,
        "replaces": replaces,
        "minutes_before": score.minutes_before,
    })
}

fn content_json(content: Content) -> Json {
    json!([hex(&content.hash), content.size])
}

fn block_json(block: &Block) -> Json {
    json!({
        "content": content_json(block.content),
        "number": block.number,
        "path": block.path.iter().map(|value| hex(value)).collect::<Vec<_>>(),
        "bytes": hex(&block.bytes),
    })
}

fn sheet_json(sheet: &SheetKey) -> Json {
    let (subject, id) = match sheet.subject {
        Subject::Post(post) => ("post", post.to_string()),
        Subject::Unit(unit) => ("unit", unit.to_string()),
    };
    let RulesetId { code, version } = &sheet.ruleset;
    json!({"subject": subject, "id": id, "period": sheet.period, "ruleset": code, "ruleset_version": version})
}

pub(crate) fn header_json(header: &Header) -> Json {
    json!({
        "department": header.department,
        "author": header.author,
        "key": hex(&header.key),
        "nonce": hex(&header.nonce),
        "device": header.device,
    })
}

pub(crate) fn certificate_json(certificate: &Certificate) -> Json {
    json!({
        "header": header_json(&certificate.header),
        "stream": certificate.header.stream(),
        "enrolled": certificate.enrolled().stream(),
        "signature": hex(&certificate.signature),
        "delegation": certificate.delegation.as_ref().map(|delegation| {
            json!({"issued_at": delegation.issued_at, "issuer": certificate_json(&delegation.issuer)})
        }),
        "renewal": certificate.renewal.as_ref().map(|renewal| {
            json!({"enrolled": hex(&renewal.enrolled), "signature": hex(&renewal.signature)})
        }),
    })
}

pub(crate) fn verdicts_json(verdicts: &Verdicts) -> Json {
    json!({
        "epoch": hex(&verdicts.epoch),
        "epoch_order": verdicts.epoch_order,
        "number": verdicts.number,
        "received_at": verdicts.received_at,
        "frames": verdicts.frames.iter().map(verdict_json).collect::<Vec<_>>(),
        "contents": verdicts.contents.iter().map(|it| content_json(*it)).collect::<Vec<_>>(),
    })
}

fn verdict_json(verdict: &FrameVerdict) -> Json {
    let exceptions: Vec<_> = verdict
        .exceptions
        .iter()
        .map(|(index, status, reason)| json!([index, *status as u8, *reason as u16]))
        .collect();
    let (status, reason) = verdict.whole;
    json!({"frame": verdict.frame, "status": status as u8, "reason": reason as u16, "exceptions": exceptions})
}

pub(crate) fn epochs_json(epochs: &Epochs) -> Json {
    let ended: Vec<_> = epochs.ended.iter().map(|ended| json!([hex(&ended.epoch), ended.last])).collect();
    json!({"epoch": hex(&epochs.epoch), "order": epochs.order, "ended": ended})
}

pub(crate) fn snapshot_json(snapshot: &Snapshot) -> Json {
    let Rank { epoch_order, epoch, number } = snapshot.cut;
    json!({
        "unit": snapshot.unit,
        "period": snapshot.period,
        "cut": {"epoch_order": epoch_order, "epoch": hex(&epoch), "number": number},
        "entries": snapshot.entries.iter().map(entry_json).collect::<Vec<_>>(),
    })
}

fn entry_json(entry: &Entry) -> Json {
    json!({
        "stream": entry.lane.stream,
        "scope_kind": entry.lane.scope.kind(),
        "scope_id": hex(&entry.lane.scope.id()),
        "number": entry.number,
        "previous": entry.previous,
        "received_at": entry.received_at,
        "kept": entry.kept,
        "verdict": verdict_json(&entry.verdict),
        "body": body_json(&entry.body, entry.lane.scope),
    })
}

pub(crate) fn proof_json(proof: &Proof) -> Json {
    let signatures: Vec<_> = proof.signatures.iter().map(|signature| hex(signature)).collect();
    json!({"unit": proof.unit, "period": proof.period, "signatures": signatures})
}

fn frame_json(frame: &Frame) -> Json {
    json!({
        "stream": frame.lane.stream,
        "number": frame.number,
        "hash": frame.hash(),
        "body": body_json(&frame.body, frame.lane.scope),
    })
}

/// A message; what the department must have signed is opened with its key.
pub(crate) fn message_json(message: &Message) -> Json {
    let key = department_key().verifying_key().to_bytes();
    let names = |names: &[Short]| names.iter().map(|name| hex(&name.0)).collect::<Vec<_>>();
    let verdicts = message.verdicts.iter().map(|it| verdicts_json(&it.open(DEPARTMENT, &key).unwrap()));
    let snapshots = message.snapshots.iter().map(|it| snapshot_json(&it.open(DEPARTMENT, &key).unwrap()));
    let roots = message.roots.iter().flatten();
    let roots = roots.map(|(scope, root)| json!([scope.kind(), hex(&scope.id()), hex(&root.to_bytes())]));
    let have = message.have.iter();
    let have = have.map(|(scope, have)| json!([scope.kind(), hex(&scope.id()), names(have)]));
    json!({
        "cursor": hex(&message.cursor),
        "history": hex(&message.history),
        "more": message.more,
        "full": message.full,
        "beacon": message.beacon,
        "capabilities": message.capabilities,
        "epochs": message.epochs.as_ref().map(|it| epochs_json(&it.open(DEPARTMENT, &key).unwrap())),
        "certificates": message.certificates.iter().map(certificate_json).collect::<Vec<_>>(),
        "frames": message.frames.iter().map(frame_json).collect::<Vec<_>>(),
        "verdicts": verdicts.collect::<Vec<_>>(),
        "snapshots": snapshots.collect::<Vec<_>>(),
        "proofs": message.proofs.iter().map(proof_json).collect::<Vec<_>>(),
        "root": message.root.map(|root| hex(&root)),
        "roots": roots.collect::<Vec<_>>(),
        "have": have.collect::<Vec<_>>(),
        "want": names(&message.want),
        "offers": message.offers.iter().map(|it| content_json(*it)).collect::<Vec<_>>(),
        "wishes": message.wishes.iter().map(|it| json!([content_json(it.content), it.from])).collect::<Vec<_>>(),
        "blocks": message.blocks.iter().map(block_json).collect::<Vec<_>>(),
    })
}
