//! The link between devices and server: counts bytes and requests, and can be as poor as a village's. In user space, so
//! without headers of TCP and without a congestion window: a real 2G is at least this slow.
//!
//! Invariant: what is counted has been read from one side; nothing overtakes what went before on its connection.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::workload::Dice;

/// Payload of a segment, and what it costs beside it.
const SEGMENT: usize = 1400;
const SEGMENT_HEADERS: usize = 40;
/// What a sender waits beside a round trip before it sends a segment again.
const RETRANSMISSION: Duration = Duration::from_millis(200);

/// How poor a link is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Quality {
    /// One way.
    delay: Duration,
    /// Of each direction, shared by all connections; none is without a limit.
    bytes_per_second: Option<f64>,
    /// Segments of a thousand that are lost.
    lost_per_mille: u64,
    /// Bytes after which a connection is cut, once.
    cut_after: Option<u64>,
}

impl Quality {
    /// Loopback.
    pub(crate) const LOOPBACK: Self =
        Self { delay: Duration::ZERO, bytes_per_second: None, lost_per_mille: 0, cut_after: None };
    /// 300 ms one way, 50 kbit/s, 2 % loss.
    pub(crate) const SECOND_GENERATION: Self = Self {
        delay: Duration::from_millis(300),
        bytes_per_second: Some(50_000.0 / 8.0),
        lost_per_mille: 20,
        cut_after: None,
    };

    /// Loopback that breaks once, after so many bytes.
    pub(crate) fn cut_after(bytes: u64) -> Self {
        Self { cut_after: Some(bytes), ..Self::LOOPBACK }
    }
}

/// What has passed so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct Passed {
    pub(crate) up: u64,
    pub(crate) down: u64,
    pub(crate) requests: u64,
}

#[derive(Default)]
struct Counters {
    up: AtomicU64,
    down: AtomicU64,
    requests: AtomicU64,
}

/// A link that is open until it is dropped.
pub(crate) struct Link {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    to: SocketAddr,
    quality: Quality,
    seed: u64,
    counters: Counters,
    /// When the air of each direction is free again.
    free: [Mutex<Instant>; 2],
    cut: AtomicBool,
    closed: AtomicBool,
}

impl Link {
    /// Opens a link to `to`.
    pub(crate) fn open(to: SocketAddr, quality: Quality, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let free = [Mutex::new(Instant::now()), Mutex::new(Instant::now())];
        let (counters, cut, closed) = (Counters::default(), AtomicBool::new(false), AtomicBool::new(false));
        let shared = Arc::new(Shared { to, quality, seed, counters, free, cut, closed });
        let carrying = Arc::clone(&shared);
        thread::spawn(move || {
            for (number, client) in (1..).zip(listener.incoming().map_while(Result::ok)) {
                if carrying.closed.load(Ordering::Relaxed) {
                    break;
                }
                // A server that is not there is the client's to find out: its connection ends.
                let _ = carrying.connect(client, number);
            }
        });
        Ok(Self { address, shared })
    }

    /// Where clients connect to.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has passed.
    pub(crate) fn passed(&self) -> Passed {
        let Counters { up, down, requests } = &self.shared.counters;
        let [up, down, requests] = [up, down, requests].map(|count| count.load(Ordering::SeqCst));
        Passed { up, down, requests }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        // Wakes the listener; when nobody listens any more there is nothing to wake.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn connect(self: &Arc<Self>, client: TcpStream, number: u64) -> std::io::Result<()> {
        let server = TcpStream::connect(self.to)?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        for (up, from, to) in [(true, client.try_clone()?, server.try_clone()?), (false, server, client)] {
            let shared = Arc::clone(self);
            let seed = self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (number * 2 + u64::from(up));
            thread::spawn(move || shared.pump(from, to, up, Dice(seed)));
        }
        Ok(())
    }

    /// Carries one direction of a connection to its end.
    fn pump(&self, mut from: TcpStream, to: TcpStream, up: bool, mut dice: Dice) {
        let (arriving, arrive) = mpsc::channel();
        let writer = thread::spawn(move || deliver(&arrive, to));
        let slow = self.quality.bytes_per_second.is_some();
        let mut segment = vec![0; if slow { SEGMENT } else { 65536 }];
        // A connection begins with a handshake, before the first byte.
        let mut arrival = Instant::now() + if up { self.quality.delay * 3 } else { Duration::ZERO };
        while let Ok(length @ 1..) = from.read(&mut segment) {
            let read = &segment[..length];
            let passed = self.count(read, up);
            let limit = self.quality.cut_after.is_some_and(|limit| passed > limit);
            if limit && !self.cut.swap(true, Ordering::SeqCst) {
                let _ = from.shutdown(Shutdown::Both);
                break;
            }
            arrival = arrival.max(self.travel(length, up, &mut dice));
            if arriving.send((arrival, read.to_vec())).is_err() {
                break;
            }
        }
        drop(arriving);
        // A writer that panicked has closed its side.
        let _ = writer.join();
    }

    /// Counts what was read; gives how much has passed in both directions.
    fn count(&self, read: &[u8], up: bool) -> u64 {
        let Counters { up: sent, down, requests } = &self.counters;
        if up {
            let heads = read.windows(11).filter(|text| text == b" HTTP/1.1\r\n").count();
            requests.fetch_add(heads as u64, Ordering::SeqCst);
        }
        let side = if up { sent } else { down };
        side.fetch_add(read.len() as u64, Ordering::SeqCst);
        sent.load(Ordering::SeqCst) + down.load(Ordering::SeqCst)
    }

    /// When a segment arrives that is sent now.
    fn travel(&self, length: usize, up: bool, dice: &mut Dice) -> Instant {
        let Some(rate) = self.quality.bytes_per_second else { return Instant::now() };
        let on_air = Duration::from_secs_f64((length + SEGMENT_HEADERS) as f64 / rate);
        let occupy = || {
            let mut free = self.free[usize::from(up)].lock().unwrap_or_else(PoisonError::into_inner);
            *free = (*free).max(Instant::now()) + on_air;
            *free
        };
        let mut arrival = occupy() + self.quality.delay;
        let mut wait = self.quality.delay * 2 + RETRANSMISSION;
        while dice.below(1000) < self.quality.lost_per_mille {
            occupy();
            arrival += wait;
            wait *= 2;
        }
        arrival
    }
}

/// Hands over what arrives, not before its time.
fn deliver(arrive: &mpsc::Receiver<(Instant, Vec<u8>)>, mut to: TcpStream) {
    while let Ok((arrival, bytes)) = arrive.recv() {
        thread::sleep(arrival.saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            return;
        }
    }
    // The other side may have closed it.
    let _ = to.shutdown(Shutdown::Write);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends back what it gets.
    fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                thread::spawn(move || std::io::copy(&mut &client, &mut &client));
            }
        });
        address
    }

    fn sent(link: &Link, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut client = TcpStream::connect(link.address)?;
        client.write_all(bytes)?;
        client.shutdown(Shutdown::Write)?;
        let mut back = Vec::new();
        client.read_to_end(&mut back)?;
        Ok(back)
    }

    #[test]
    fn what_passes_is_counted_and_comes_unchanged() {
        let link = Link::open(echo(), Quality::LOOPBACK, 1).unwrap();
        let request = b"POST /sync HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n";
        assert_eq!(sent(&link, request).unwrap(), request);
        let Passed { up, down, requests } = link.passed();
        assert_eq!((up, down, requests), (request.len() as u64, request.len() as u64, 2));
    }

    #[test]
    fn a_poor_link_loses_and_repeats_segments_and_changes_no_byte() {
        let poor = Quality {
            delay: Duration::from_millis(1),
            bytes_per_second: Some(1e7),
            lost_per_mille: 200,
            cut_after: None,
        };
        let bytes: Vec<u8> = (0..20_000u32).map(|at| at as u8).collect();
        let link = Link::open(echo(), poor, 1).unwrap();
        let back = sent(&link, &bytes).unwrap();
        assert!(back == bytes, "{} of {} bytes", back.len(), bytes.len());
    }

    #[test]
    fn a_link_is_cut_once() {
        let link = Link::open(echo(), Quality::cut_after(1000), 1).unwrap();
        let bytes = vec![7; 5000];
        assert!(sent(&link, &bytes).map_or(0, |back| back.len()) < bytes.len());
        assert_eq!(sent(&link, &bytes).unwrap(), bytes);
    }
}
