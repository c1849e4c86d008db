use super::*;
use crate::mutation::{edits, mutated};
use proptest::prelude::*;

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 + at / 977) as u8).collect()
}

fn encoded(block: &Block) -> Vec<u8> {
    let mut writer = Writer::new();
    block.write(&mut writer);
    writer.finish()
}

/// Lengths around every change of the tree's shape.
const LENGTHS: [usize; 12] = [
    1,
    1024,
    1025,
    BLOCK_BYTES - 1,
    BLOCK_BYTES,
    BLOCK_BYTES + 1,
    2 * BLOCK_BYTES,
    2 * BLOCK_BYTES + 1,
    3 * BLOCK_BYTES,
    5 * BLOCK_BYTES + 77,
    8 * BLOCK_BYTES,
    CONTENT_BYTES_MAX as usize,
];

#[test]
fn every_block_fits_and_together_they_are_the_bytes() {
    for length in LENGTHS {
        let whole = bytes(length);
        let (content, blocks) = split(&whole);
        assert_eq!(content.blocks() as usize, blocks.len());
        assert!(blocks.iter().all(Block::fits), "{length}");
        let joined: Vec<u8> = blocks.into_iter().flat_map(|block| block.bytes).collect();
        assert_eq!(joined, whole);
        assert_eq!(*blake3::hash(&joined).as_bytes(), content.hash, "named as `b3sum` names it");
    }
}

#[test]
fn a_block_under_another_number_or_of_another_size_fits_nowhere() {
    let (content, blocks) = split(&bytes(5 * BLOCK_BYTES + 77));
    for block in &blocks {
        for number in (0..content.blocks() + 2).filter(|number| *number != block.number) {
            assert!(!Block { number, ..block.clone() }.fits());
        }
        for size in [content.size - 1, content.size + 1, content.size + BLOCK_BYTES as u32, 1] {
            let other = Content { size, ..content };
            let stays = other.way(block.number).0 as usize == block.bytes.len()
                && other.way(block.number).1 == content.way(block.number).1;
            assert!(stays || !Block { content: other, ..block.clone() }.fits());
        }
    }
}

#[test]
fn a_content_of_a_wrong_size_is_never_whole() {
    let (content, blocks) = split(&bytes(5 * BLOCK_BYTES + 77));
    for size in [content.size - 1, content.size + 1] {
        let last = Block { content: Content { size, ..content }, ..blocks[5].clone() };
        assert!(!last.fits(), "the last block says how long it is");
    }
}

proptest! {
    #[test]
    fn one_wrong_bit_anywhere_is_noticed(length in 1usize..200_000, at in any::<prop::sample::Index>(), which in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (_, blocks) = split(&bytes(length));
        let mut block = blocks[which.index(blocks.len())].clone();
        let at = at.index(block.bytes.len());
        block.bytes[at] ^= 1 << bit;
        prop_assert!(!block.fits());
    }

    #[test]
    fn a_wrong_path_is_noticed(length in BLOCK_BYTES + 1..500_000, which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (_, blocks) = split(&bytes(length));
        let mut block = blocks[which.index(blocks.len())].clone();
        let step = at.index(block.path.len());
        block.path[step][usize::from(bit)] ^= 1 << bit;
        prop_assert!(!block.fits());
        block.path.pop();
        prop_assert!(!block.fits());
    }

    #[test]
    fn mutated_blocks_are_refused_or_come_back(length in 1usize..70_000, edits in edits()) {
        let (_, blocks) = split(&bytes(length));
        prop_assert_eq!(Block::read(&mut Reader::new(&encoded(&blocks[0]))), Ok(blocks[0].clone()));
        let bytes = mutated(&encoded(&blocks[0]), &edits);
        let mut reader = Reader::new(&bytes);
        if let Ok(block) = Block::read(&mut reader) {
            prop_assert_eq!(&encoded(&block)[..], &bytes[..bytes.len() - reader.remaining()]);
            prop_assert!(!block.fits() || block == blocks[0]);
        }
    }
}
