//! A runtime of our own for what waits for the network: the caller may be inside somebody else's.
//!
//! Invariant: dropping it never blocks; what is under way then ends at its next wait.

use std::future::Future;
use std::sync::mpsc;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{ClientError, Refused};

/// One background thread that carries everything that waits for the network.
pub(crate) struct Background(Option<Runtime>);

impl Background {
    /// Starts it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(name: &'static str) -> Result<Self, ClientError> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name(name).enable_all().build()?;
        Ok(Self(Some(runtime)))
    }

    /// To start tasks on.
    ///
    /// # Errors
    /// Never, before it is dropped.
    pub(crate) fn handle(&self) -> Result<&Handle, ClientError> {
        Ok(self.0.as_ref().ok_or(Refused::Unreachable)?.handle())
    }

    /// Runs `work` on it and waits for what it gives.
    ///
    /// # Errors
    /// When it broke down, or was ended meanwhile.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, ClientError> {
        let waiting = self.begin(work)?;
        waiting.recv().map_err(|_| Refused::ServerFault.into())
    }

    /// Begins `work` on it; what it gives comes over the channel.
    ///
    /// # Errors
    /// Never, before it is dropped.
    pub(crate) fn begin<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<mpsc::Receiver<T>, ClientError> {
        let (done, waiting) = mpsc::sync_channel(1);
        self.handle()?.spawn(async move {
            // Nobody waits any more: then nobody needs it.
            let _ = done.send(work.await);
        });
        Ok(waiting)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Waiting for the thread is not allowed inside somebody else's runtime.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
