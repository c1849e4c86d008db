//! Accounts of the console.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use xeploai_core::view::Account;

use super::Service;
use crate::error::{Refused, ServerError};
use crate::storage::accounts;

/// Wrong passwords that an account bears in a window.
const ATTEMPTS_MAX: usize = 5;
/// The window, in seconds.
const ATTEMPTS_WINDOW_S: i64 = 300;
/// Most accounts whose attempts are remembered.
const REMEMBERED_MAX: usize = 10_000;

/// Times of wrong passwords, by login name. Whole offices share one address: accounts are limited, not addresses.
#[derive(Default)]
pub(super) struct Attempts(Mutex<HashMap<String, Vec<i64>>>);

impl Attempts {
    fn check(&self, login: &str, now: i64) -> Result<(), Refused> {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = now - ATTEMPTS_WINDOW_S;
        wrong.retain(|_, times| {
            times.retain(|time| *time > since);
            !times.is_empty()
        });
        let full = wrong.len() >= REMEMBERED_MAX;
        let many = wrong.get(login).is_some_and(|times| times.len() >= ATTEMPTS_MAX);
        if full || many { Err(Refused::LoginTooOften) } else { Ok(()) }
    }

    fn note(&self, login: &str, now: i64) {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.entry(login.to_owned()).or_default().push(now);
    }
}

fn hashed(password: &str) -> Result<String, ServerError> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| ServerError::Password(error.to_string()))?.to_string())
}

impl Service {
    /// Adds an account of the console, or gives it another name and password.
    ///
    /// # Errors
    /// When the password can't be hashed or the database fails.
    pub fn put_account(&self, login: &str, name: &str, password: &str) -> Result<(), ServerError> {
        let hash = hashed(password)?;
        self.storage.write(|write| accounts::put(write, login, &hash, name))
    }

    /// Checks a login.
    ///
    /// # Errors
    /// [`Refused::LoginWrong`] for a wrong name or password, [`Refused::LoginTooOften`] after five of them.
    pub fn login(&self, login: &str, password: &str) -> Result<Account, ServerError> {
        self.attempts.check(login, self.now())?;
        let found = self.storage.read(|read| accounts::get(read, login))?;
        // An unknown name takes as long as a wrong password.
        let (hash, name) = match found {
            Some((hash, name)) => (hash, Some(name)),
            None => (hashed("")?, None),
        };
        let hash = PasswordHash::new(&hash).map_err(|error| ServerError::Password(error.to_string()))?;
        let fits = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        match name.filter(|_| fits) {
            Some(name) => Ok(Account { login: login.to_owned(), name }),
            None => {
                self.attempts.note(login, self.now());
                Err(Refused::LoginWrong.into())
            }
        }
    }

    /// The account behind a session.
    ///
    /// # Errors
    /// [`Refused::LoginNeeded`] when it is gone.
    pub fn account(&self, login: &str) -> Result<Account, ServerError> {
        let found = self.storage.read(|read| accounts::get(read, login))?;
        let (_, name) = found.ok_or(Refused::LoginNeeded)?;
        Ok(Account { login: login.to_owned(), name })
    }
}
