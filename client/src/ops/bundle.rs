//! A bundle: what waits on this device, in a file for the department and for those who review; what somebody else may have,
//! in a file for him; and such a file, taken in.
//!
//! Invariant: what leaves in a file can be read by those named in it and nobody else.

use std::collections::BTreeSet;

use rusqlite::Connection;
use xeploai_core::ids::{FrameHash, PersonId};
use xeploai_core::sync::Scope;
use xeploai_core::sync::bundle::{BUNDLE_BYTES_MAX, Bundle, BundleError, MESSAGES_MAX, READERS_MAX};
use xeploai_core::sync::content::{Content, Wish};
use xeploai_core::sync::exchange::{BYTES_PER_REQUEST, Holdings, within};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::policy;
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::sync::transfer::Contents;
use xeploai_core::view::{BundleView, Text};

use super::shelf::Shelf;
use super::{hand_over, one_way};
use crate::error::{ClientError, Refused};
use crate::session::{Session, Store};
use crate::tables::{contents, frames, scopes, streams};
use crate::view::written::called;

/// Most bytes of frames in a message: the receipts on them need room too.
const PAGE_BYTES: usize = BYTES_PER_REQUEST / 4;

/// Most bytes of evidence in a file: it should go by chat, and records have room beside it.
const CONTENTS_BYTES_MAX: usize = BUNDLE_BYTES_MAX / 4;
/// Blocks in a message: one for each content that is no longer than a megabyte.
const PAGE_BLOCKS: usize = 16;

/// What goes into a file.
#[derive(Default)]
struct Leaving {
    frames: Vec<Frame>,
    messages: Vec<Vec<u8>>,
    /// Frames for which there was no room.
    left: usize,
    /// Contents of evidence that are in it, and how many there was no room for.
    contents: Vec<Content>,
    contents_left: usize,
}

/// Makes a file. Without a name: of everything that waits, for the server, and for the devices of those in charge of the
/// user's units that are known here and may read all of it. With one: of what a hub would give that person of his post and
/// unit, for him.
pub(crate) fn export(
    session: &mut Session<'_>,
    to: Option<&str>,
) -> Result<(Vec<u8>, BundleView), ClientError> {
    let to = to.map(|code| named(session, code)).transpose()?;
    let snapshot = session.connection.unchecked_transaction()?;
    let shelf = Shelf::new(&snapshot, &session.config, session.me.person);
    let frames = match to {
        None => one_way::waiting(&snapshot)?,
        Some(person) => handed(&snapshot, session, person)?,
    };
    let mut leaving = paged(&shelf, frames);
    if to.is_none() {
        leaving.add_contents(&shelf);
    }
    shelf.done()?;
    if to.is_none() && leaving.messages.is_empty() {
        return Err(Refused::NothingWaits.into());
    }
    let mut scopes: BTreeSet<Scope> = leaving.frames.iter().map(|frame| frame.lane.scope).collect();
    for content in &leaving.contents {
        scopes.extend(contents::scopes(&snapshot, *content)?);
    }
    let people = to.map_or_else(|| in_charge(session), |person| BTreeSet::from([person]));
    let readers = readers(session, people, &scopes)?;
    if to.is_some() && readers.len() == 1 {
        return Err(Refused::UnknownReader.into());
    }
    let sender = streams::get(&snapshot, session.me.stream)?.ok_or(Refused::NotEnrolled)?;
    let environment = session.signer.environment;
    hand_over::raise(&snapshot, &*environment.keys, &leaving.frames)?;
    let keys: Vec<[u8; 32]> = readers.iter().map(|reader| reader.header.key).collect();
    let bundle = Bundle { sender, made_at: session.now, messages: std::mem::take(&mut leaving.messages) };
    let file = bundle.seal(&session.key()?, &keys, &environment.bytes()?)?;
    let sheets = hand_over::sheets(&snapshot, &leaving.frames, session.me.department)?.len();
    let mut view = exported(session, &readers, sheets, file.len());
    if to.is_some() {
        view.sentence = returned_sentence(&view.people, leaving.frames.len());
    }
    leaving.tell(&mut view.sentence);
    Ok((file, view))
}

impl Leaving {
    /// Adds evidence that waits, smallest first, behind the frames that name it, as far as a file holds it.
    fn add_contents(&mut self, shelf: &Shelf<'_>) {
        let mut room = CONTENTS_BYTES_MAX;
        for content in shelf.offers(&BTreeSet::new()) {
            if content.size as usize > room {
                self.contents_left += 1;
                continue;
            }
            let blocks = shelf.blocks(Wish { content, from: 0 }, content.size as usize);
            let pages: Vec<Vec<u8>> = blocks.chunks(PAGE_BLOCKS).map(one_way::given).collect();
            let bytes: usize = pages.iter().map(Vec::len).sum();
            if bytes > room || self.messages.len() + pages.len() > MESSAGES_MAX {
                self.contents_left += 1;
                continue;
            }
            room -= bytes;
            self.messages.extend(pages);
            self.contents.push(content);
        }
    }

    /// Adds to a closing sentence what there was no room for.
    fn tell(&self, sentence: &mut Text) {
        if self.left > 0 {
            sentence.vi.push_str(&format!(" Còn {} phần chưa vừa tệp này.", self.left));
            sentence.en.push_str(&format!(" Parts that did not fit: {}.", self.left));
        }
        if self.contents_left > 0 {
            sentence.vi.push_str(&format!(" Còn {} tệp minh chứng chưa vừa tệp này.", self.contents_left));
            sentence.en.push_str(&format!(" Files of evidence that did not fit: {}.", self.contents_left));
        }
    }
}

/// These frames, as far as a file holds them.
fn paged(shelf: &Shelf<'_>, frames: Vec<Frame>) -> Leaving {
    let (mut leaving, mut rest) = (Leaving::default(), &frames[..]);
    while !rest.is_empty() && leaving.messages.len() < MESSAGES_MAX {
        let page = within(rest.iter().cloned(), PAGE_BYTES);
        rest = rest.get(page.len().max(1)..).unwrap_or_default();
        leaving.messages.push(one_way::written(shelf, page.clone()));
        leaving.frames.extend(page);
    }
    leaving.left = rest.len();
    leaving
}

/// Takes a file in with the key of whoever of this device's people it is for, the active one first.
pub(crate) fn import(store: &mut Store, file: &[u8]) -> Result<BundleView, ClientError> {
    let mut refused = None;
    for account in store.people()? {
        let session = &mut store.session(Some(account.person))?;
        match Bundle::open(file, &session.key()?, &session.me.trust()) {
            Ok(bundle) => return taken(session, &bundle, file.len()),
            // What is wrong with the file itself says more than whom it is for.
            Err(error) if refused.is_none_or(|before| before == BundleError::NotForReader) => {
                refused = Some(error);
            }
            Err(_) => {}
        }
    }
    Err(refused.map_or(Refused::NotEnrolled.into(), ClientError::from))
}

fn taken(session: &mut Session<'_>, bundle: &Bundle, bytes: usize) -> Result<BundleView, ClientError> {
    let known = streams::get(session.connection, bundle.sender.header.stream())?;
    if !policy::admits(&session.config, known.as_ref().unwrap_or(&bundle.sender)) {
        return Err(Refused::UnknownDevice.into());
    }
    // All of them first: a file is taken whole or not at all. What its sender has signed and is no message is of a later version.
    let messages = bundle.messages.iter().map(|message| Message::decode_answer(message, &[], &Nothing));
    let messages = messages.collect::<Result<Vec<_>, _>>().map_err(|_| BundleError::Version)?;
    let view = one_way::taken(session, messages.iter().map(Ok), bytes)?;
    Ok(BundleView { people: vec![called(session, &bundle.sender)], ..view })
}

fn returned_sentence(people: &[String], parts: usize) -> Text {
    let people = people.join(", ");
    Text {
        vi: format!("Đã ghi {parts} phần dữ liệu và xác nhận của máy chủ cho {people}."),
        en: format!("Written for {people}, parts with the server's receipts: {parts}."),
    }
}

/// Those who review the user's units.
fn in_charge(session: &Session<'_>) -> BTreeSet<PersonId> {
    let config = &session.config;
    let posts = config.assignments_of(session.me.person);
    let units = posts.into_iter().filter_map(|post| config.units.get(&post.unit));
    units.flat_map(|unit| unit.supervisors.clone()).filter(|person| *person != session.me.person).collect()
}

/// The server, and the devices of these people, as far as they are known here and may read all of these scopes.
fn readers(
    session: &Session<'_>,
    people: BTreeSet<PersonId>,
    scopes: &BTreeSet<Scope>,
) -> Result<Vec<Certificate>, ClientError> {
    let config = &session.config;
    let server = streams::server(session.connection)?.ok_or(Refused::NotEnrolled)?;
    let mut readers = vec![server];
    let may_read = |person: &PersonId| scopes.iter().all(|scope| config.may_read(*person, *scope));
    for person in people.into_iter().filter(may_read) {
        for certificate in streams::of(session.connection, person)? {
            let key = certificate.header.key;
            let twice = readers.iter().any(|reader| reader.header.key == key);
            if !twice && !config.revocations.contains_key(&key) {
                readers.push(certificate);
            }
        }
    }
    readers.truncate(READERS_MAX);
    Ok(readers)
}

/// What a hub would give a person's device.
fn handed(snapshot: &Connection, session: &Session<'_>, person: PersonId) -> Result<Vec<Frame>, ClientError> {
    let given =
        |scope: &Scope| *scope != Scope::CONFIGURATION && session.config.may_be_handed(person, *scope);
    let mut names: Vec<FrameHash> = Vec::new();
    for scope in scopes::roots(snapshot)?.into_keys().filter(given) {
        names.extend(frames::names_in_full(snapshot, scope)?);
    }
    let mut frames = Vec::with_capacity(names.len());
    for name in names {
        frames.extend(frames::get(snapshot, name)?);
    }
    // His own first: it is their receipts that he waits for.
    let own: BTreeSet<_> = streams::of(snapshot, person)?.iter().map(|it| it.header.stream()).collect();
    frames.sort_by_key(|frame| !own.contains(&frame.lane.stream));
    Ok(frames)
}

fn named(session: &Session<'_>, code: &str) -> Result<PersonId, ClientError> {
    let found = session.config.people.values().find(|person| person.code == code);
    Ok(found.ok_or(Refused::UnknownReader)?.id)
}

/// Tells apart what one person saves on different days, and different people's files on one stick.
fn name(session: &Session<'_>) -> String {
    let person = session.config.people.get(&session.me.person).map(|person| person.code.as_str());
    let moment = jiff::Timestamp::from_second(session.now).unwrap_or_default();
    let local = jiff::tz::TimeZone::fixed(jiff::tz::offset(7)).to_datetime(moment);
    format!("xeploai-{}-{}.xlb", person.unwrap_or("may"), local.strftime("%Y%m%d-%H%M%S"))
}

fn exported(session: &Session<'_>, readers: &[Certificate], sheets: usize, bytes: usize) -> BundleView {
    let people = readers.iter().filter(|it| it.header.author != Header::SERVER);
    let mut people: Vec<String> = people.map(|it| called(session, it)).collect();
    people.dedup();
    let (also_vi, also_en) = match people.is_empty() {
        true => (String::new(), String::new()),
        false => (format!(", {}", people.join(", ")), format!(", {}", people.join(", "))),
    };
    BundleView {
        sheets: sheets as u32,
        sent: 0,
        bytes: bytes as u64,
        file: name(session),
        sentence: Text {
            vi: format!(
                "Đã ghi {sheets} phiếu vào tệp. Đọc được: máy chủ của Sở{also_vi}. Bản trên máy này vẫn được giữ đến khi máy chủ nhận."
            ),
            en: format!(
                "Written to the file, sheets: {sheets}. Can read it: the department's server{also_en}. They stay on this device until the server has received them."
            ),
        },
        people,
    }
}
