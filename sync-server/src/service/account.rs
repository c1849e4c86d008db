//! Accounts of the console.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier};
use xeploai_core::view::Account;

use super::{Service, now};
use crate::error::{Refused, ServerError};
use crate::storage::accounts::{self, StoredAccount};

/// Wrong passwords that an account bears in a window.
const ATTEMPTS_MAX: usize = 5;
/// The window, in seconds.
const ATTEMPTS_WINDOW_S: i64 = 300;
/// Most accounts whose attempts are remembered.
const REMEMBERED_MAX: usize = 10_000;

/// Times of wrong passwords, by login name. Whole offices share one address: accounts are limited, not addresses.
#[derive(Default)]
pub struct Attempts(Mutex<HashMap<String, Vec<i64>>>);

impl Attempts {
    fn check(&self, login: &str) -> Result<(), Refused> {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = now() - ATTEMPTS_WINDOW_S;
        wrong.retain(|_, times| {
            times.retain(|time| *time > since);
            !times.is_empty()
        });
        let full = wrong.len() >= REMEMBERED_MAX;
        let many = wrong.get(login).is_some_and(|times| times.len() >= ATTEMPTS_MAX);
        if full || many { Err(Refused::LoginTooOften) } else { Ok(()) }
    }

    fn note(&self, login: &str) {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.entry(login.to_owned()).or_default().push(now());
    }
}

/// An account with its password hashed.
pub(crate) fn hashed(login: &str, name: &str, password: &str) -> Result<StoredAccount, ServerError> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    let hash = hash.map_err(|error| ServerError::Password(error.to_string()))?;
    Ok(StoredAccount { login: login.into(), name: name.into(), password_hash: hash.to_string() })
}

impl Service {
    /// Checks a login.
    ///
    /// # Errors
    /// [`Refused::LoginWrong`] for a wrong name or password, [`Refused::LoginTooOften`] after five of them.
    pub fn login(&self, login: &str, password: &str) -> Result<Account, ServerError> {
        self.attempts.check(login)?;
        let found = accounts::get(&self.storage.read(), login)?;
        // An unknown name takes as long as a wrong password.
        let known = found.is_some();
        let account = match found {
            Some(account) => account,
            None => hashed("", "", "")?,
        };
        let hash = PasswordHash::new(&account.password_hash).map_err(|error| ServerError::Password(error.to_string()))?;
        let fits = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        if known && fits {
            return Ok(Account { login: account.login, name: account.name });
        }
        self.attempts.note(login);
        Err(Refused::LoginWrong.into())
    }

    /// The account behind a session.
    ///
    /// # Errors
    /// [`Refused::LoginNeeded`] when it is gone.
    pub fn account(&self, login: &str) -> Result<Account, ServerError> {
        let found = accounts::get(&self.storage.read(), login)?.ok_or(Refused::LoginNeeded)?;
        Ok(Account { login: found.login, name: found.name })
    }
}
