//! Evidence goes the way of the scores, after them: from a phone to the server or over a hub, and its receipt comes back.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use xeploai_client::keys::KeyStore;
use xeploai_client::keys::file::FileKeys;
use xeploai_client::{ClientError, Refused};
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::content::{BLOCK_BYTES, Block, Content, Wish, split};
use xeploai_core::sync::message::{Message, Request};
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::stream::Certificate;
use xeploai_core::view::{AttachRequest, Column, EvidenceRef, EvidenceView, Place};
use xeploai_server::service::Service;

use crate::office::Office;
use crate::phone::{Phone, cell};

const OWNER: &str = "tt-1-a";

/// A document of so many bytes, which nothing makes shorter.
fn document(seed: u8, bytes: usize) -> Vec<u8> {
    let mut noise = fastrand::Rng::with_seed(seed.into());
    let noise = std::iter::repeat_with(|| noise.u8(..));
    b"%PDF-1.7\n".iter().copied().chain(noise).take(bytes).collect()
}

fn photo() -> Vec<u8> {
    let pixels = RgbImage::from_fn(900, 600, |x, y| Rgb([(x * y) as u8, (x ^ y) as u8, (x + y) as u8]));
    let mut png = Vec::new();
    pixels.write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
    png
}

fn attach_in(phone: &Phone, person: &str, column: Column, file: &[u8]) -> Result<(), ClientError> {
    let sheet = phone.sheet(person).summary.id;
    let request = AttachRequest { sheet, criterion: 1, column, name: "biên bản.pdf".into() };
    phone.app.attach(&request, file).map(drop)
}

fn attach(phone: &Phone, file: &[u8]) {
    attach_in(phone, OWNER, Column::Own, file).unwrap();
}

fn list(phone: &Phone, column: Column) -> Vec<EvidenceView> {
    cell(&phone.sheet(OWNER), 1, column).evidence.clone()
}

fn places(phone: &Phone) -> Vec<Place> {
    list(phone, Column::Own).iter().map(|it| it.place.clone()).collect()
}

fn opened(phone: &Phone, content: &str) -> Vec<u8> {
    phone.app.evidence(&phone.sheet(OWNER).summary.id, content).unwrap()
}

fn detach(phone: &Phone, piece: &EvidenceView, column: Column) {
    let sheet = phone.sheet(OWNER).summary.id;
    let (slot, content) = (piece.slot, piece.content.clone());
    phone.app.detach(&EvidenceRef { sheet, criterion: 1, column, slot, content }).unwrap();
}

fn waiting(phone: &Phone) -> u32 {
    phone.app.sync_status().unwrap().summary.evidence
}

/// What the server has of blocks.
fn blocks(office: &Office) -> i64 {
    let count = |read: &rusqlite::Connection| {
        Ok(read.query_row("SELECT count(*) FROM blocks", [], |row| row.get(0))?)
    };
    office.ask(|service| service.storage().read(count)).unwrap()
}

/// Asks what an app never asks, with the asker's own key.
fn request(asker: &Phone, peer: &Certificate, message: &Message) -> Vec<u8> {
    let own = asker.certificate().header;
    let key = FileKeys::new(&asker.folder).key(&own.key).unwrap().unwrap();
    let channel = Channel::between(&key, &peer.header.key, own.department).unwrap();
    message.request(own.stream(), &channel, &Nothing)
}

fn asks_server(office: &Office, asker: &Phone, message: &Message) -> Message {
    let server = office.ask(Service::certificate).unwrap();
    let answer = office.ask(|service| service.sync(&request(asker, &server, message))).unwrap();
    Message::decode_answer(&answer, &[], &Nothing).unwrap()
}

fn asks_hub(hub: &Phone, asker: &Phone, message: &Message) -> Message {
    let answer = hub.app.serve(&request(asker, &hub.certificate(), message)).unwrap();
    Message::decode_answer(&answer, &[], &Nothing).unwrap()
}

/// How many blocks a request of a phone brings; one with frames brings none.
fn brought(phone: &Phone, request: &[u8]) -> usize {
    let request = Request::decode(request).unwrap();
    let message = request.message(phone.certificate().header.stream(), &Nothing);
    message.map_or(0, |message| message.blocks.len())
}

#[test]
fn a_photo_reaches_the_server_and_who_may_read_the_sheet_and_is_received_by_its_receipt_alone() {
    let office = Office::new();
    let (phone, head) = (office.phone(OWNER, "máy"), office.phone("tt-1-gd", "máy"));
    phone.score_three(OWNER);
    attach(&phone, &photo());
    let [piece] = &list(&phone, Column::Own)[..] else { panic!("one piece") };
    assert_eq!((&piece.place, piece.media.as_str(), piece.here), (&Place::Waiting, "image/jpeg", true));
    assert_eq!(waiting(&phone), 1);

    phone.sync();
    assert_eq!((places(&phone), waiting(&phone)), (vec![Place::Received], 0));
    head.sync();
    let [seen] = &list(&head, Column::Own)[..] else { panic!("one piece") };
    assert!(seen.here && seen.place == Place::Received, "the receipt comes with the file: {seen:?}");
    assert_eq!(opened(&head, &seen.content), opened(&phone, &piece.content));
    let small = seen.thumbnail.as_ref().unwrap();
    assert!(opened(&head, small).len() < opened(&head, &seen.content).len());
    let before = blocks(&office);
    head.sync();
    phone.sync();
    assert_eq!(blocks(&office), before);
}

#[test]
fn evidence_goes_over_a_hub_and_its_receipt_comes_back_over_the_hub() {
    let office = Office::new();
    let (phone, hub) = (office.phone(OWNER, "máy"), office.supervisor());
    hub.sync();
    attach(&phone, &photo());
    attach(&phone, &document(1, 3 * BLOCK_BYTES + 7));
    phone.meet(&hub);
    assert_eq!(places(&phone), [Place::Carried, Place::Carried], "handed over is not received");
    assert_eq!(blocks(&office), 0);
    let seen = list(&hub, Column::Own);
    assert!(seen.len() == 2 && seen.iter().all(|it| it.here), "he reviews it at once: {seen:?}");
    assert_eq!(waiting(&hub), 2, "carried for others it waits here too");

    hub.sync();
    assert_eq!((waiting(&hub), waiting(&phone)), (0, 2));
    phone.meet(&hub);
    assert_eq!((places(&phone), waiting(&phone)), (vec![Place::Received, Place::Received], 0));
    let head = office.phone("tt-1-gd", "máy");
    head.sync();
    assert!(list(&head, Column::Own).iter().all(|it| it.here));
}

#[test]
fn a_transfer_that_breaks_at_each_message_goes_on_where_it_stopped_and_never_holds_a_score_up() {
    let office = Office::new();
    let phone = office.phone(OWNER, "máy");
    phone.score_three(OWNER);
    let file = document(2, 23 * BLOCK_BYTES + 5);
    attach(&phone, &file);
    let (mut carried, mut syncs) = (0, 0);
    while places(&phone) != [Place::Received] {
        syncs += 1;
        assert!(syncs < 40, "no progress");
        let mut syncing = phone.app.begin_sync(None).unwrap();
        // One request with blocks gets through, and its answer is lost.
        while let Some(request) = syncing.ask().unwrap() {
            let brought = brought(&phone, &request);
            let answer = office.ask(|service| service.sync(&request)).unwrap();
            carried += brought;
            if brought > 0 {
                break;
            }
            syncing.took(Ok(answer)).unwrap();
        }
        syncing.end(Err(Refused::AnswerCut.into())).unwrap();
        assert_eq!(phone.place(OWNER), Place::Received, "the scores are through from the first sync on");
    }
    assert!(syncs > 5, "in several parts");
    assert_eq!(carried, 24, "each block went once");
    let head = office.phone("tt-1-gd", "máy");
    head.sync();
    assert_eq!(opened(&head, &list(&head, Column::Own)[0].content), file);
}

#[test]
fn nobody_gets_the_bytes_of_what_he_may_not_read_from_server_or_hub() {
    let office = Office::new();
    let (phone, hub, colleague) =
        (office.phone(OWNER, "máy"), office.supervisor(), office.phone("tt-1-b", "máy"));
    hub.sync();
    let file = document(3, 900);
    let (content, _) = split(&file);
    attach(&phone, &file);
    phone.meet(&hub);
    hub.sync();
    let wishes = vec![Wish { content, from: 0 }];
    let wish = Message { wishes, full: true, ..Message::default() };
    assert!(asks_server(&office, &colleague, &wish).blocks.is_empty());
    assert!(asks_hub(&hub, &colleague, &wish).blocks.is_empty());
    assert_eq!(asks_server(&office, &phone, &wish).blocks.len(), 1);
    assert_eq!(asks_hub(&hub, &phone, &wish).blocks.len(), 1);
}

#[test]
fn what_no_frame_names_and_what_is_not_what_it_says_fills_no_disk() {
    let office = Office::new();
    let (phone, hub) = (office.phone(OWNER, "máy"), office.supervisor());
    let (stray, stray_blocks) = split(&document(4, 70_000));
    let unasked = Message { blocks: stray_blocks, offers: vec![stray], full: true, ..Message::default() };
    let answer = asks_server(&office, &phone, &unasked);
    assert_eq!((blocks(&office), answer.wishes.len(), answer.verdicts.len()), (0, 0, 0));
    asks_hub(&hub, &phone, &unasked);
    assert_eq!(hub.count("blocks"), 0);

    let file = document(5, 2 * BLOCK_BYTES);
    attach(&phone, &file);
    office.step(&phone);
    let (content, good) = split(&file);
    let bad = |change: fn(&mut Block)| {
        let mut block = good[0].clone();
        change(&mut block);
        block
    };
    let lies = [
        bad(|block| block.bytes[9] ^= 1),
        bad(|block| block.number = 1),
        bad(|block| block.path.clear()),
        bad(|block| block.bytes.truncate(100)),
    ];
    let answer =
        asks_server(&office, &phone, &Message { blocks: lies.to_vec(), full: true, ..Message::default() });
    assert_eq!((blocks(&office), answer.verdicts.len()), (0, 0));
    let longer = Content { size: content.size + 1, ..content };
    let answer =
        asks_server(&office, &phone, &Message { offers: vec![longer], full: true, ..Message::default() });
    assert!(answer.wishes.is_empty(), "of another size than was signed it is another content");
    phone.sync();
    assert_eq!(places(&phone), [Place::Received]);
}

#[test]
fn half_a_file_gets_no_receipt() {
    let office = Office::new();
    let phone = office.phone(OWNER, "máy");
    let file = document(6, 3 * BLOCK_BYTES);
    attach(&phone, &file);
    office.step(&phone);
    let (content, all) = split(&file);
    let two = Message { blocks: all[1..].to_vec(), offers: vec![content], full: true, ..Message::default() };
    let answer = asks_server(&office, &phone, &two);
    assert_eq!((blocks(&office), answer.verdicts.len()), (2, 0));
    assert_eq!(answer.wishes, [Wish { content, from: 0 }]);
    phone.sync();
    assert_eq!((blocks(&office), places(&phone)), (3, vec![Place::Received]));
}

#[test]
fn a_server_that_was_put_back_gets_lost_evidence_again_and_its_receipt_falls_meanwhile() {
    let office = Office::new();
    let phone = office.phone(OWNER, "máy");
    attach(&phone, &document(7, 70_000));
    office.step(&phone);
    let backup = office.back_up();
    phone.sync();
    assert_eq!((places(&phone), blocks(&office)), (vec![Place::Received], 2));
    office.restore(&backup);
    assert_eq!(blocks(&office), 0);
    office.step(&phone);
    assert_eq!(places(&phone), [Place::Waiting], "what the server has lost it has not received");
    phone.sync();
    assert_eq!((places(&phone), blocks(&office)), (vec![Place::Received], 2));
}

#[test]
fn two_who_attach_without_seeing_each_other_both_stand_on_the_list_and_one_can_go() {
    let office = Office::new();
    let (one, two) = (office.phone(OWNER, "máy"), office.phone(OWNER, "máy khác"));
    attach(&one, &document(8, 500));
    attach(&two, &document(9, 500));
    one.sync();
    two.sync();
    one.sync();
    let both = list(&one, Column::Own);
    assert_eq!(both.len(), 2);
    assert_eq!(both[0].slot, both[1].slot, "both took the first free slot");
    assert!(one.app.conflicts().unwrap().is_empty(), "a list is no conflict");
    assert!(!cell(&one.sheet(OWNER), 1, Column::Own).conflict);

    let theirs = both.iter().find(|it| it.written.device == "máy khác").unwrap();
    detach(&one, theirs, Column::Own);
    one.sync();
    two.sync();
    for phone in [&one, &two] {
        let left: Vec<Vec<u8>> =
            list(phone, Column::Own).iter().map(|it| opened(phone, &it.content)).collect();
        assert_eq!(left, [document(8, 500)]);
    }
    let last = &list(&two, Column::Own)[0];
    detach(&two, last, Column::Own);
    assert!(list(&two, Column::Own).is_empty());
    two.sync();
    one.sync();
    assert!(list(&one, Column::Own).is_empty());
    assert_eq!(blocks(&office), 2, "the bytes of what was taken away are kept");
}

#[test]
fn who_may_not_write_the_column_may_not_attach_to_it_and_ten_are_enough() {
    let office = Office::new();
    let (phone, head) = (office.phone(OWNER, "máy"), office.phone("tt-1-gd", "máy"));
    head.sync();
    let code = |tried: Result<(), ClientError>| tried.unwrap_err().code().to_owned();
    assert_eq!(code(attach_in(&head, OWNER, Column::Own, &document(1, 100))), "not_allowed");
    assert_eq!(code(attach_in(&phone, OWNER, Column::Superior, &document(1, 100))), "not_allowed");
    assert_eq!(code(attach_in(&phone, OWNER, Column::Own, b"MZ")), "evidence_type");
    let long = document(1, 8 * 1024 * 1024 + 1);
    assert_eq!(code(attach_in(&phone, OWNER, Column::Own, &long)), "evidence_too_large");
    for seed in 0..10 {
        attach(&phone, &document(seed, 100));
    }
    assert_eq!(code(attach_in(&phone, OWNER, Column::Own, &document(99, 100))), "evidence_full");
    detach(&phone, &list(&phone, Column::Own)[4], Column::Own);
    attach(&phone, &document(99, 100));
    assert_eq!(list(&phone, Column::Own).len(), 10);
    attach_in(&head, OWNER, Column::Superior, &photo()).unwrap();
    head.sync();
    phone.sync();
    assert!(list(&phone, Column::Superior)[0].here && !list(&phone, Column::Superior)[0].removable);
}

#[test]
fn what_was_taken_back_before_it_was_sealed_leaves_nothing_behind() {
    let office = Office::new();
    let phone = office.phone(OWNER, "máy");
    attach(&phone, &document(1, 100));
    attach(&phone, &document(2, 100));
    let first = list(&phone, Column::Own)[0].clone();
    detach(&phone, &first, Column::Own);
    phone.sync();
    assert_eq!((phone.count("contents"), phone.count("blocks"), blocks(&office)), (1, 1, 1));
    assert_eq!(places(&phone), [Place::Received]);
}

#[test]
fn a_file_carries_evidence_behind_the_scores_and_one_with_receipts_comes_back() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone(OWNER, "máy"), office.supervisor());
    supervisor.sync();
    phone.meet(&supervisor);
    attach(&phone, &photo());
    attach(&phone, &document(1, 20 * BLOCK_BYTES));
    let (file, made) = phone.app.export_bundle(None).unwrap();
    assert_eq!(made.people.len(), 1, "{made:?}");
    supervisor.app.import_bundle(&file).unwrap();
    assert!(list(&supervisor, Column::Own).iter().all(|it| it.here));
    assert_eq!(places(&phone), [Place::Waiting, Place::Waiting]);

    supervisor.sync();
    let (back, _) = supervisor.app.export_bundle(Some(OWNER)).unwrap();
    phone.app.import_bundle(&back).unwrap();
    assert_eq!(places(&phone), [Place::Received, Place::Received]);
    assert_eq!(waiting(&phone), 0);
}

#[test]
fn a_file_that_is_full_says_how_much_evidence_is_not_in_it() {
    let office = Office::new();
    let phone = office.phone(OWNER, "máy");
    for seed in 0..3 {
        attach(&phone, &document(seed, 8 * 1024 * 1024));
    }
    let (file, made) = phone.app.export_bundle(None).unwrap();
    assert!(made.sentence.vi.ends_with("Còn 2 tệp minh chứng chưa vừa tệp này."), "{}", made.sentence.vi);
    office.ask(|service| service.import_bundle(&file)).unwrap();
    assert_eq!(blocks(&office), 128);
}

#[test]
fn a_receipt_for_ones_own_photo_names_nobody_elses() {
    let office = Office::new();
    let (phone, colleague) = (office.phone(OWNER, "máy"), office.phone("tt-1-b", "máy"));
    let supervisor = office.supervisor();
    supervisor.sync();
    attach(&phone, &photo());
    attach_in(&colleague, "tt-1-b", Column::Own, &document(7, 100)).unwrap();
    phone.meet(&supervisor);
    colleague.meet(&supervisor);
    supervisor.sync();
    phone.sync();
    phone.meet(&supervisor);
    assert_eq!(places(&phone), [Place::Received]);
    let named = phone.count("content_receipts");
    assert_eq!(
        named, 2,
        "the photo and its thumbnail: whoever knows a name can name it, and then have the bytes"
    );
}
