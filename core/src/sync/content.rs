//! Content: the bytes of a piece of evidence, in blocks that each prove themselves.
//!
//! Invariant: no block is kept that is not part of the content that it is said to be of, and none is longer than
//! [`BLOCK_BYTES`]; so a transfer that broke off goes on where it stopped, and a liar fills no disk.
//!
//! A content is named by the BLAKE3 hash of its bytes and their number. BLAKE3 is a tree: a block is a whole subtree of it,
//! and the hashes beside the way from there to the root, its **path**, are enough to check it. See decision 21.

use blake3::hazmat::{
    ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root,
};

use super::wire::{Reader, WireError, Writer};

/// Length of a block; the last one of a content may be shorter.
pub const BLOCK_BYTES: usize = 64 * 1024;
/// Longest content, in bytes.
pub const CONTENT_BYTES_MAX: u32 = 8 * 1024 * 1024;
/// Longest path: that of a block of the longest content.
const PATH_MAX: usize = 7;

/// Names some bytes for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Content {
    /// BLAKE3 of the bytes.
    pub hash: [u8; 32],
    /// How many there are.
    pub size: u32,
}

/// What somebody lacks of a content: the blocks from a number on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wish {
    /// The content.
    pub content: Content,
    /// Number of the first block that is lacking.
    pub from: u32,
}

/// A block of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The content.
    pub content: Content,
    /// Its number, from 0.
    pub number: u32,
    /// Hashes beside the way to the root, the lowest first.
    pub path: Vec<ChainingValue>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Content {
    /// How many blocks it has.
    pub fn blocks(self) -> u32 {
        self.size.div_ceil(BLOCK_BYTES as u32)
    }

    /// The length of a block, and on which side it stands at each fork on the way from the root: true is right.
    fn way(self, number: u32) -> (u64, Vec<bool>) {
        let (mut offset, mut length) = (u64::from(number) * BLOCK_BYTES as u64, u64::from(self.size));
        let mut sides = Vec::new();
        while length > BLOCK_BYTES as u64 {
            let left = left_subtree_len(length);
            let is_right = offset >= left;
            (offset, length) = if is_right { (offset - left, length - left) } else { (offset, left) };
            sides.push(is_right);
        }
        (length, sides)
    }

    pub(crate) fn write(self, writer: &mut Writer) {
        writer.raw(&self.hash).number(self.size.into());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self { hash: reader.array()?, size: reader.at_most(u32::MAX as usize)? as u32 })
    }

    /// Reads one that is within the limits: only such travel.
    pub(super) fn read_limited(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let content = Self::read(reader)?;
        let fits = (1..=CONTENT_BYTES_MAX).contains(&content.size);
        fits.then_some(content).ok_or(WireError::TooLarge)
    }
}

impl Wish {
    pub(super) fn write(self, writer: &mut Writer) {
        self.content.write(writer);
        writer.number(self.from.into());
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let content = Content::read_limited(reader)?;
        Ok(Self { content, from: reader.at_most(content.blocks() as usize - 1)? as u32 })
    }
}

/// Cuts bytes into the blocks of their content.
pub fn split(bytes: &[u8]) -> (Content, Vec<Block>) {
    let content = Content { hash: *blake3::hash(bytes).as_bytes(), size: bytes.len() as u32 };
    let mut paths = vec![Vec::new(); content.blocks() as usize];
    subtree(bytes, 0, &mut paths);
    let blocks = bytes.chunks(BLOCK_BYTES).zip(paths).zip(0..).map(|((bytes, path), number)| Block {
        content,
        number,
        path,
        bytes: bytes.to_vec(),
    });
    (content, blocks.collect())
}

/// The value of a subtree; adds to the path of each block in it what stands beside it.
fn subtree(bytes: &[u8], offset: u64, paths: &mut [Vec<ChainingValue>]) -> ChainingValue {
    if bytes.len() <= BLOCK_BYTES {
        return leaf(bytes, offset);
    }
    let length = left_subtree_len(bytes.len() as u64) as usize;
    let (left, right) = bytes.split_at(length);
    let (left_paths, right_paths) = paths.split_at_mut(length / BLOCK_BYTES);
    let left = subtree(left, offset, left_paths);
    let right = subtree(right, offset + length as u64, right_paths);
    left_paths.iter_mut().for_each(|path| path.push(right));
    right_paths.iter_mut().for_each(|path| path.push(left));
    merge_subtrees_non_root(&left, &right, Mode::Hash)
}

fn leaf(bytes: &[u8], offset: u64) -> ChainingValue {
    blake3::Hasher::new().set_input_offset(offset).update(bytes).finalize_non_root()
}

impl Block {
    /// Whether it is the block of the content that it says it is.
    pub fn fits(&self) -> bool {
        if self.number >= self.content.blocks() {
            return false;
        }
        let (length, sides) = self.content.way(self.number);
        if self.bytes.len() as u64 != length || self.path.len() != sides.len() {
            return false;
        }
        if sides.is_empty() {
            return *blake3::hash(&self.bytes).as_bytes() == self.content.hash;
        }
        let mut value = leaf(&self.bytes, u64::from(self.number) * BLOCK_BYTES as u64);
        let mut up = sides.iter().rev().zip(&self.path).peekable();
        while let Some((is_right, beside)) = up.next() {
            let (left, right) = if *is_right { (beside, &value) } else { (&value, beside) };
            if up.peek().is_none() {
                return *merge_subtrees_root(left, right, Mode::Hash).as_bytes() == self.content.hash;
            }
            value = merge_subtrees_non_root(left, right, Mode::Hash);
        }
        false
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        self.content.write(writer);
        writer.number(self.number.into()).number(self.path.len() as u64);
        for value in &self.path {
            writer.raw(value);
        }
        writer.bytes(&self.bytes);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let content = Content::read_limited(reader)?;
        let number = reader.at_most(content.blocks() as usize - 1)? as u32;
        let mut path = Vec::new();
        for _ in 0..reader.at_most(PATH_MAX)? {
            path.push(reader.array()?);
        }
        Ok(Self { content, number, path, bytes: reader.bytes(BLOCK_BYTES)?.to_vec() })
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
