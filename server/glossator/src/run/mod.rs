//! `glossator run`: works through an epic in several runs, each a turn with a context of its own in one session. The harness
//! gives each run epic, task list and log, looks at what it left, and decides whether there is another. Talks to models
//! only through a client of the server.

mod arguments;
mod course;
mod entries;
mod files;
mod happened;
mod kept;
mod prepare;
mod prompt;
mod status;
mod tell;
mod watch;

pub use arguments::Run;

use crate::exec::Headless;
use crate::terminal::complain;
use course::{Course, Next, Seen, Stop};
use entries::{Moved, moved};
use files::Files;
use glossator_session::TurnStatus;
use happened::Happened;
use kept::Kept;
use prepare::{Budget, Prepared, Trouble, Window};
use prompt::{Parts, Shown};
use status::{Said, Tasks};
use std::path::Path;
use tell::Spent;
use tokio_util::sync::CancellationToken;
use watch::Last;

/// Runs an epic until something ends it; gives the exit code.
pub async fn run(arguments: Run) -> u8 {
    let epic = arguments.epic.display().to_string();
    let json = arguments.json;
    let stop = match prepare::prepare(&arguments).await {
        Err(Trouble::Usage(why)) => Stop::Usage(why),
        Err(Trouble::Failed(why)) => Stop::Failed(why),
        Ok(prepared) => match Headless::connect(&prepared.folder, arguments.settings()).await {
            Err(why) => Stop::Failed(why),
            Ok(headless) => {
                let mut work = Work::new(prepared, headless, arguments);
                let stop = work.work_through().await;
                return work.end(stop, &epic).await;
            }
        },
    };
    tell::end(json, &stop, (0, "", Spent::default()), &epic);
    stop.code()
}

/// An epic at work.
struct Work {
    arguments: Run,
    files: Files,
    kept: Kept,
    window: Window,
    budget: Budget,
    headless: Headless,
    course: Course,
    /// The runs that there were.
    number: u32,
    spent: Spent,
    /// Cancelled when the user wants it to end.
    stop: CancellationToken,
}

/// The files as a run finds them.
struct Before {
    /// `None`: not known.
    epic: Option<String>,
    tasks: String,
    log: String,
}

/// What the next run is told.
#[derive(Default)]
struct Told {
    notes: Vec<String>,
    answer: Option<String>,
}

impl Work {
    fn new(prepared: Prepared, headless: Headless, arguments: Run) -> Work {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move {
            crate::signals::asked_to_end().await;
            stopped.cancel();
        });
        let Prepared { files, kept, window, budget, .. } = prepared;
        let (course, spent) = Default::default();
        Work { arguments, files, kept, window, budget, headless, course, number: 0, spent, stop }
    }

    async fn work_through(&mut self) -> Stop {
        let mut told = match self.take_up().await {
            Ok(Ok(told)) => told,
            Ok(Err(stop)) => return stop,
            Err(why) => return Stop::Failed(why),
        };
        loop {
            let next = match self.may_go_on().await {
                Ok(None) => self.one(std::mem::take(&mut told)).await,
                Ok(Some(stop)) => return stop,
                Err(why) => Err(why),
            };
            match next {
                Ok(Next::Again(notes)) => told = Told { notes, answer: None },
                Ok(Next::Stop(stop)) => return stop,
                Err(why) => return Stop::Failed(why),
            }
        }
    }

    /// Goes on with what there is, or begins: gives what the first run is told, or why there is none.
    async fn take_up(&mut self) -> Result<Result<Told, Stop>, String> {
        let last = match self.kept.unfinished() {
            None => None,
            Some(session) => {
                let last = tokio::select! {
                    last = watch::last_turn(&self.headless, session) => last,
                    () = self.stop.cancelled() => return Ok(Err(Stop::Interrupted)),
                };
                match last {
                    Ok(last) => Some(last).filter(|last| last.number > 0),
                    // It was stopped before its session was stored.
                    Err(_) if !self.kept.state.begun => None,
                    Err(why) => return Err(format!("{why}; --new begins anew, with another session")),
                }
            }
        };
        match last {
            Some(last) => self.go_on(last).await,
            None if self.arguments.resume || self.arguments.answer.is_some() => {
                let epic = self.files.shown(&self.files.epic);
                Ok(Err(Stop::Usage(format!("there is no unfinished run of {epic} to go on with"))))
            }
            None => {
                let title = format!("Run of {}", self.files.shown(&self.files.epic));
                let session = watch::new_session(&self.headless, &title).await?;
                self.kept.state =
                    kept::State { epic: self.files.epic.clone(), session, ..kept::State::default() };
                Ok(Ok(Told::default()))
            }
        }
    }

    async fn go_on(&mut self, last: Last) -> Result<Result<Told, Stop>, String> {
        self.number = last.number;
        complain!("note: going on with {} behind run {}", self.kept.state.session, self.number);
        let before = self.kept.before(self.number)?.map(|(tasks, log)| Before { epic: None, tasks, log });
        let seen = self.look(&last.happened, before).await?;
        self.kept.state.running = 0;
        self.kept.state.begun = true;
        self.kept.save()?;
        let answer = self.arguments.answer.take();
        let notes = course::notes(&seen);
        Ok(match self.course.after(&seen) {
            Next::Again(notes) => Ok(Told { notes, answer }),
            Next::Stop(Stop::Done(open)) if answer.is_none() => {
                self.finish()?;
                Err(Stop::Done(open))
            }
            Next::Stop(Stop::Question(question)) if answer.is_none() => Err(Stop::Question(question)),
            Next::Stop(Stop::Question(question)) => Ok(Told {
                notes: notes.into_iter().chain([format!("It asked: {question}")]).collect(),
                answer,
            }),
            // What ended it then is the user's to judge, who wants it to go on.
            Next::Stop(_) => Ok(Told { notes, answer }),
        })
    }

    /// Why there is no further run, before anything is spent on it.
    async fn may_go_on(&mut self) -> Result<Option<Stop>, String> {
        if self.stop.is_cancelled() {
            return Ok(Some(Stop::Interrupted));
        }
        let most = self.arguments.limits.max_runs;
        if self.number >= most {
            return Ok(Some(Stop::Budget(format!(
                "there were {} runs, and --max-runs is {most}.",
                self.number
            ))));
        }
        if self.number > 0 {
            self.spent = watch::spent(&self.headless, &self.kept.state.session).await?;
        }
        let Spent { tokens, micro_usd } = self.spent;
        if let Some(most) = self.budget.tokens.filter(|most| tokens >= *most) {
            return Ok(Some(Stop::Budget(format!("{tokens} tokens of {most} are used up."))));
        }
        if let Some(most) = self.budget.micro_usd.filter(|most| micro_usd.unwrap_or(0) >= *most) {
            let usd = |micro: u64| micro as f64 / 1e6;
            let spent = usd(micro_usd.unwrap_or(0));
            return Ok(Some(Stop::Budget(format!("{spent:.4} USD of {:.4} USD are used up.", usd(most)))));
        }
        Ok(None)
    }

    /// One run.
    async fn one(&mut self, told: Told) -> Result<Next, String> {
        let epic = self.files.read_epic().await?;
        self.window.fits(&self.files, &epic)?;
        let [(tasks, made_tasks), (log, made_log)] = self.files.read_or_make().await?;
        for (made, path) in [(made_tasks, &self.files.tasks), (made_log, &self.files.log)] {
            if made {
                complain!("note: made {}", self.files.shown(path));
            }
        }
        self.kept.begin(self.number + 1, (&tasks, &log))?;
        let (epic_path, tasks_path, log_path) = self.paths();
        let text = prompt::make(&Parts {
            number: self.number + 1,
            epic: Shown { path: &epic_path, text: &epic },
            tasks: Shown { path: &tasks_path, text: &tasks },
            log: Shown { path: &log_path, text: &log },
            notes: &told.notes,
            answer: told.answer.as_deref(),
            sizes: self.window.sizes(),
        });
        let session = self.kept.state.session.clone();
        let turn = watch::start(&self.headless, &session, text).await?;
        let happened =
            watch::follow(&mut self.headless, (&session, &turn), &self.stop, self.arguments.json).await?;
        self.number = turn.trim_start_matches("T-").parse().unwrap_or(self.number + 1);
        self.kept.state.begun = true;
        let seen = self.look(&happened, Some(Before { epic: Some(epic), tasks, log })).await?;
        self.kept.state.running = 0;
        self.kept.save()?;
        tell::run(self.arguments.json, &seen, &happened);
        let next = self.course.after(&seen);
        if let Next::Stop(Stop::Done(_)) = next {
            self.finish()?;
        }
        Ok(next)
    }

    fn finish(&mut self) -> Result<(), String> {
        self.kept.state.finished = true;
        self.kept.save()
    }

    fn paths(&self) -> (String, String, String) {
        let shown = |path: &Path| self.files.shown(path);
        (shown(&self.files.epic), shown(&self.files.tasks), shown(&self.files.log))
    }

    /// Looks at what a run left, and puts back what it should not have taken away.
    async fn look(&self, happened: &Happened, before: Option<Before>) -> Result<Seen, String> {
        let (tasks, log) =
            (self.files.read(&self.files.tasks).await?, self.files.read(&self.files.log).await?);
        let own = [&self.files.epic, &self.files.tasks, &self.files.log];
        let changed = happened.files.iter().filter(|path| !own.contains(path));
        let mut seen = Seen {
            number: self.number,
            end: happened.end.clone().unwrap_or((TurnStatus::Interrupted, None)),
            said: status::read(&happened.answer),
            log: None,
            tasks: Tasks::of(tasks.as_deref().unwrap_or_default()),
            tasks_moved: None,
            tasks_gone: false,
            epic_changed: false,
            files: changed.map(|path| self.files.shown(path)).collect(),
            refused: happened.refused.0,
        };
        let Some(before) = before else { return Ok(seen) };
        let became = moved(&before.log, log.as_deref());
        if let Moved::Lost { restored, .. } = &became {
            let copy = self.kept.put_aside(self.number, &before.log)?;
            let back = self.files.write(&self.files.log, restored).await;
            back.map_err(|why| format!("{why}; what the log held is in {}", copy.display()))?;
        }
        if tasks.is_none() {
            self.files.write(&self.files.tasks, &before.tasks).await?;
            (seen.tasks_gone, seen.tasks) = (true, Tasks::of(&before.tasks));
        }
        seen.tasks_moved = Some(tasks.is_some_and(|tasks| tasks != before.tasks));
        // An answer comes last; where it says nothing, the entry of the log may.
        if seen.said == Said::Nothing && seen.end.0 == TurnStatus::Done {
            seen.said = status::read(became.new_part());
        }
        seen.log = Some(became);
        if let Some(epic) = before.epic {
            seen.epic_changed = self.files.read(&self.files.epic).await?.is_none_or(|now| now != epic);
        }
        Ok(seen)
    }

    /// Tells how it ended and leaves the server; gives the exit code.
    async fn end(mut self, stop: Stop, epic: &str) -> u8 {
        let session = self.kept.state.session.clone();
        if self.number > 0 {
            // A server that is gone tells nothing any more.
            if let Ok(spent) = watch::spent(&self.headless, &session).await {
                self.spent = spent;
            }
            self.headless.name_tasks(&session).await;
        }
        tell::end(self.arguments.json, &stop, (self.number, &session, self.spent), epic);
        self.headless.leave().await;
        stop.code()
    }
}
