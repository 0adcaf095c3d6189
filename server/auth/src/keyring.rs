//! Owns the way to the system's keyring: a thread of its own that talks to it, how long anybody waits for that, and what was
//! read, in memory only. Never in the way of who asks for more than a moment, and never asks what it knows is silent.

use crate::credentials::EnvLookup;
use crate::link::{Job, Link, Open, start};
use crate::vault::{self, Fault, FaultKind, Vault};
use crate::{files, known};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How long things may take and last.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until the keyring was reached, or a look-up answered: nobody waits longer for it.
    pub answer: Duration,
    /// The same, where a key is there from before.
    pub known: Duration,
    /// Until a key is stored or removed, once the keyring was reached: the user may have to unlock it.
    pub user: Duration,
    /// For how long a key that was read counts without asking again.
    pub fresh: Duration,
    /// For how long it counts that there is none, for who only wants keys known.
    pub miss: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            answer: Duration::from_secs(2),
            known: Duration::from_millis(200),
            user: Duration::from_secs(60),
            fresh: Duration::from_secs(1),
            miss: Duration::from_millis(50),
        }
    }
}

/// The keyring of the operating system, for the keys of providers. One for the whole process, as what was read is
/// remembered; clones are the same one.
#[derive(Clone)]
pub struct Keyring {
    /// `None`: nothing leads to a keyring here.
    desk: Option<Arc<Desk>>,
    /// Whether nobody waits for it for more than a moment.
    is_hurried: bool,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("is_reachable", &self.desk.is_some()).finish_non_exhaustive()
    }
}

struct Desk {
    open: Open,
    patience: Patience,
    state: Arc<Mutex<State>>,
    jobs: Mutex<Option<Sender<Job>>>,
}

/// What is known of the keyring.
#[derive(Default)]
struct State {
    found: BTreeMap<String, Found>,
    /// Since when it has been at what it does now.
    busy: Option<Instant>,
    /// Until when it is not asked, and why.
    rest: Option<(Instant, Fault)>,
}

struct Found {
    key: Option<SecretString>,
    /// When the look began: what came to the keyring after that is not in it.
    at: Instant,
}

/// What the thread says of a job.
enum Said<T> {
    /// The keyring was reached.
    Reached,
    Done(Result<T, Fault>),
}

impl Keyring {
    /// The keyring of this system. On Linux it is only asked where `variables` lead to a session bus: `DBUS_SESSION_BUS_ADDRESS`
    /// is set and not empty, or there is a `bus` in `XDG_RUNTIME_DIR`; elsewhere, where there is a home folder.
    pub fn of_system(variables: &EnvLookup) -> Keyring {
        static SYSTEM: OnceLock<Keyring> = OnceLock::new();
        match leads_somewhere(variables) {
            true => SYSTEM.get_or_init(|| Keyring::over(vault::system, Patience::default())).clone(),
            false => Keyring { desk: None, is_hurried: false },
        }
    }

    /// One that is reached by `open`.
    pub(crate) fn over(
        open: impl Fn() -> Result<Box<dyn Vault>, Fault> + Send + Sync + 'static,
        patience: Patience,
    ) -> Keyring {
        let desk = Desk { open: Arc::new(open), patience, state: Arc::default(), jobs: Mutex::default() };
        Keyring { desk: Some(Arc::new(desk)), is_hurried: false }
    }

    /// The same one for who only looks how things stand: waited for 200 ms at the most. What it has not said by then counts as
    /// it was the last time.
    #[must_use]
    pub fn hurried(self) -> Keyring {
        Keyring { is_hurried: true, ..self }
    }

    /// The key of `provider`, known to this process from now on ([`crate::without_keys`]). Waits 2 s at the most (200 ms for who
    /// is in a hurry), and where the keyring did not answer then or before, not at all.
    ///
    /// # Errors
    /// Why the keyring cannot be asked, where no key is remembered.
    pub(crate) fn key(&self, provider: &str) -> Result<Option<SecretString>, Fault> {
        let desk = self.desk()?;
        match self.is_hurried {
            true => desk.key(provider, desk.patience.known),
            false => desk.key(provider, desk.patience.answer),
        }
    }

    /// Has the keys of these providers known to this process; hardly waits for that.
    pub fn remember(&self, providers: &[&str]) {
        if let Some(desk) = &self.desk {
            desk.remember(providers);
        }
    }

    /// Stores the key of `provider` over an earlier one. The system may ask the user to unlock the keyring, for 60 s.
    ///
    /// # Errors
    /// Why it is not stored there.
    pub(crate) fn store(&self, provider: &str, key: &str) -> Result<(), Fault> {
        let desk = self.desk()?;
        let (slug, copy) = (provider.to_owned(), Zeroizing::new(key.to_owned()));
        let state = desk.state.clone();
        desk.ask_patiently(move |vault| {
            let began = Instant::now();
            vault.set(&slug, &copy)?;
            note(&state, &slug, (Some(SecretString::from(copy.as_str())), began));
            Ok(())
        })
    }

    /// Removes the key of `provider`; `false`: there was none. Waits as [`Keyring::store`] does.
    ///
    /// # Errors
    /// Why it may still be there.
    pub(crate) fn remove(&self, provider: &str) -> Result<bool, Fault> {
        let desk = self.desk()?;
        let (slug, state) = (provider.to_owned(), desk.state.clone());
        desk.ask_patiently(move |vault| {
            let began = Instant::now();
            let removed = vault.remove(&slug)?;
            note(&state, &slug, (None, began));
            Ok(removed)
        })
    }

    /// Whether it answers now, for people who want to know.
    ///
    /// # Errors
    /// Why it does not.
    pub fn answers(&self) -> Result<(), Fault> {
        let desk = self.desk()?;
        desk.ask(desk.patience.answer, None, |_| Ok(()))
    }

    fn desk(&self) -> Result<&Arc<Desk>, Fault> {
        let absent = || Fault::new(FaultKind::Absent, "nothing leads to one here (no session bus)");
        self.desk.as_ref().ok_or_else(absent)
    }
}

impl Desk {
    /// All are looked for at once: what is late is known when it comes, whichever of them was waited for.
    fn remember(&self, providers: &[&str]) {
        let wanted: Vec<String> = {
            let state = self.state();
            if state.resting().is_some() {
                return;
            }
            let lasts = |found: &Found| match found.key {
                Some(_) => self.patience.fresh,
                None => self.patience.miss,
            };
            let is_old =
                |slug: &&&str| state.found.get(**slug).is_none_or(|found| found.at.elapsed() >= lasts(found));
            providers.iter().filter(is_old).map(|slug| (*slug).to_owned()).collect()
        };
        if wanted.is_empty() {
            return;
        }
        let state = self.state.clone();
        let looks =
            move |vault: &dyn Vault| wanted.iter().try_for_each(|slug| look(vault, &state, slug).map(drop));
        let _ = self.ask(self.patience.known, None, looks);
    }

    fn key(&self, provider: &str, patience: Duration) -> Result<Option<SecretString>, Fault> {
        let (known, had_none, rest) = {
            let state = self.state();
            let found = state.found.get(provider);
            // That there was none says nothing: another process may just have stored one.
            let lasts = |found: &&Found| found.key.is_some() && found.at.elapsed() < self.patience.fresh;
            if let Some(found) = found.filter(lasts) {
                return Ok(found.key.clone());
            }
            let had_none = found.is_some_and(|found| found.key.is_none());
            (found.and_then(|found| found.key.clone()), had_none, state.resting())
        };
        if let Some(fault) = rest {
            return known.map(Some).ok_or(fault);
        }
        let patience = if known.is_some() { self.patience.known.min(patience) } else { patience };
        let (slug, state) = (provider.to_owned(), self.state.clone());
        match self.ask(patience, None, move |vault| look(vault, &state, &slug)) {
            // Who did not wait for the answer goes by the last one.
            Err(_) if had_none && patience < self.patience.answer => Ok(None),
            Err(fault) => known.map(Some).ok_or(fault),
            found => found,
        }
    }

    /// What the user wants done: tried also while the keyring is left alone, and waited for as long as the user may need.
    fn ask_patiently<T: Send + 'static>(
        &self,
        work: impl Fn(&dyn Vault) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.ask(self.patience.answer, Some(self.patience.user), work)
    }

    /// Has `work` done on the thread, and waits for `patience`; for `further` once the keyring was reached.
    fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        further: Option<Duration>,
        work: impl Fn(&dyn Vault) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        // Who waits in a queue waits for the same silence.
        let busy = self.state().busy.map_or(Duration::ZERO, |since| since.elapsed());
        let patience = patience.saturating_sub(busy);
        if patience.is_zero() {
            return Err(Fault::silent());
        }
        let (reply, answer) = mpsc::channel();
        let (state, limit) = (self.state.clone(), self.patience.answer);
        self.send(Box::new(move |link: &mut Link| {
            let reached = Cell::new(Instant::now());
            let _busy = Busy::since(&state, reached.get());
            let goes_on = || {
                reached.set(Instant::now());
                // One that nobody waits for any more is not begun: a key would be stored that lies elsewhere by now.
                further.is_none() || reply.send(Said::Reached).is_ok()
            };
            let done = link.with(goes_on, work);
            let fault = match &done {
                // The way to it is made once and kept: one that had to be started for that is no slow one.
                Ok(_) if further.is_none() && reached.get().elapsed() > limit => Some(Fault::silent()),
                done => done.as_ref().err().cloned(),
            };
            state_of(&state).rest = fault.map(|fault| (Instant::now() + fault.rest(), fault));
            let _ = reply.send(Said::Done(done));
        }))?;
        let mut deadline = Instant::now() + patience;
        loop {
            match answer.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Said::Reached) => deadline = further.map_or(deadline, |further| Instant::now() + further),
                Ok(Said::Done(done)) => return done,
                Err(RecvTimeoutError::Timeout) => return Err(Fault::silent()),
                Err(RecvTimeoutError::Disconnected) => return Err(Fault::broken()),
            }
        }
    }

    /// Hands a job to the thread, which is started by the first.
    fn send(&self, job: Job) -> Result<(), Fault> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.is_none() {
            *jobs = start(self.open.clone()).ok();
        }
        let sent = jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if sent { Ok(()) } else { Err(Fault::broken()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        state_of(&self.state)
    }
}

impl State {
    /// Why it is not asked now.
    fn resting(&self) -> Option<Fault> {
        self.rest.as_ref().filter(|(until, _)| Instant::now() < *until).map(|(_, fault)| fault.clone())
    }
}

/// While it is there, the keyring is at work; also where that breaks down.
struct Busy<'a> {
    state: &'a Mutex<State>,
}

impl<'a> Busy<'a> {
    fn since(state: &'a Mutex<State>, now: Instant) -> Busy<'a> {
        state_of(state).busy = Some(now);
        Busy { state }
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        state_of(self.state).busy = None;
    }
}

fn state_of(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Noted on the thread, so that an answer that is late counts too.
fn look(vault: &dyn Vault, state: &Mutex<State>, slug: &str) -> Result<Option<SecretString>, Fault> {
    let began = Instant::now();
    let key = vault.get(slug)?.map(|key| SecretString::from(key.as_str()));
    note(state, slug, (key.clone(), began));
    Ok(key)
}

/// What was found, and when the look for it began.
fn note(state: &Mutex<State>, provider: &str, (key, at): (Option<SecretString>, Instant)) {
    if let Some(key) = &key {
        known::remember(key.expose_secret());
    }
    state_of(state).found.insert(provider.to_owned(), Found { key, at });
}

#[cfg(target_os = "linux")]
fn leads_somewhere(variables: &EnvLookup) -> bool {
    match variables("DBUS_SESSION_BUS_ADDRESS") {
        // Set and empty: somebody wants none.
        Some(address) => !address.is_empty(),
        None => variables("XDG_RUNTIME_DIR")
            .filter(|folder| !folder.is_empty())
            .is_some_and(|folder| files::is_there(&Path::new(&folder).join("bus"))),
    }
}

#[cfg(not(target_os = "linux"))]
fn leads_somewhere(variables: &EnvLookup) -> bool {
    variables("HOME").or_else(|| variables("USERPROFILE")).is_some()
}

#[cfg(test)]
mod tests;
