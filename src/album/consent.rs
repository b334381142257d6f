//! `scope.writePhotosAlbum`: the user is asked once and the answer is kept. Pure: event and stored answer in, steps out.
//!
//! ```text
//!               granted ──────────────────────────► save / authorize:ok
//!   a call ──►  denied  ──────────────────────────► fail auth deny, no dialog
//!               not asked ─► wait, ask the host ──► answer: granted, denied (both kept), cancelled (not kept)
//! ```
//! One dialog serves all calls that wait. `wx.openSetting` is the other way to an answer: it shows what has been
//! asked before, and what the user chooses there decides for the calls that wait too.

use super::completion::{Call, Completion};
use super::errmsg::Ending;
use super::path::Source;

/// What the user has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Nothing yet: the key is missing in `authSetting`.
    NotAsked = 1,
    /// Pictures may be saved.
    Granted = 2,
    /// They may not.
    Denied = 3,
}

/// What the user did with a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Allowed it.
    Granted,
    /// Refused it.
    Denied,
    /// Closed the dialog: of the settings, without a change.
    Cancelled,
}

impl Answer {
    /// What is to be kept of it.
    fn decision(self) -> Option<Consent> {
        match self {
            Answer::Granted => Some(Consent::Granted),
            Answer::Denied => Some(Consent::Denied),
            Answer::Cancelled => None,
        }
    }
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// `wx.saveImageToPhotosAlbum`, of a file or of what names none and why.
    SaveImage(Call, Result<Source, &'static str>),
    /// `wx.authorize`
    Authorize(Call),
    /// `wx.openSetting`
    OpenSetting(Call),
    /// The dialog for consent is over.
    ConsentAnswered(Answer),
    /// The settings are closed.
    SettingAnswered(Answer),
}

/// What is to be done about it, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Keep the answer.
    Remember(Consent),
    /// Ask the host to show the dialog.
    AskConsent,
    /// Ask the host to show the settings.
    AskSetting,
    /// Save the picture and answer the call.
    Save(Call, Source),
    /// Answer a call.
    Complete(Completion),
}

/// The calls that wait for the user.
#[derive(Debug, Default)]
pub struct Gate {
    waiting: Vec<Waiting>,
    settings: Vec<Call>,
}

#[derive(Debug)]
enum Waiting {
    Save(Call, Source),
    Authorize(Call),
}

impl Gate {
    /// Takes an event. `consent` is what is kept at this moment: another process may have asked meanwhile.
    pub fn step(&mut self, event: Event, consent: Consent) -> Vec<Step> {
        let mut steps = self.take(event, consent);
        // Decided in another process meanwhile: nobody waits for the dialog any longer.
        if consent != Consent::NotAsked {
            steps.extend(self.release(consent));
        }
        steps
    }

    fn take(&mut self, event: Event, consent: Consent) -> Vec<Step> {
        match event {
            Event::SaveImage(call, Err(rule)) => {
                let refused = Completion::answer(call, Ending::UrlInvalid);
                vec![Step::Complete(refused.because(rule))]
            }
            Event::SaveImage(call, Ok(source)) => self.enter(Waiting::Save(call, source), consent),
            Event::Authorize(call) => self.enter(Waiting::Authorize(call), consent),
            Event::OpenSetting(call) => self.open_setting(call, consent),
            // Decided meanwhile, in the settings or in another process: the dialog was in vain.
            Event::ConsentAnswered(_) if self.waiting.is_empty() => Vec::new(),
            Event::ConsentAnswered(answer) => match answer.decision() {
                Some(decision) => self.decide(decision),
                None if consent == Consent::NotAsked => self
                    .waiting
                    .drain(..)
                    .map(|call| call.fail(Ending::Cancel, CANCELLED, consent))
                    .collect(),
                // Decided elsewhere while the dialog was closed: that is the answer.
                None => Vec::new(),
            },
            Event::SettingAnswered(answer) => {
                let decision = answer.decision();
                let mut steps = decision.map_or_else(Vec::new, |decision| self.decide(decision));
                let shown = decision.unwrap_or(consent);
                steps.extend(self.settings.drain(..).map(|call| setting(call, shown)));
                steps
            }
        }
    }

    /// The settings were closed without a change, and what is kept cannot be read: answers the calls that wait for them.
    pub fn fail_settings(&mut self, ending: Ending, why: &str) -> Vec<Step> {
        let fail = |call| Step::Complete(Completion::answer(call, ending).because(why));
        self.settings.drain(..).map(fail).collect()
    }

    /// True while calls wait for an answer to the dialog.
    pub fn asks_consent(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// True while calls wait for the settings to be closed.
    pub fn asks_setting(&self) -> bool {
        !self.settings.is_empty()
    }

    fn enter(&mut self, call: Waiting, consent: Consent) -> Vec<Step> {
        self.waiting.push(call);
        match self.waiting.len() {
            1 if consent == Consent::NotAsked => vec![Step::AskConsent],
            _ => Vec::new(),
        }
    }

    fn open_setting(&mut self, call: Call, consent: Consent) -> Vec<Step> {
        if consent == Consent::NotAsked {
            // The settings show only what has been asked before: nothing yet.
            return vec![setting(call, consent)];
        }
        self.settings.push(call);
        match self.settings.len() {
            1 => vec![Step::AskSetting],
            _ => Vec::new(),
        }
    }

    fn decide(&mut self, decision: Consent) -> Vec<Step> {
        let kept = std::iter::once(Step::Remember(decision));
        kept.chain(self.release(decision)).collect()
    }

    fn release(&mut self, decision: Consent) -> impl Iterator<Item = Step> {
        self.waiting.drain(..).map(move |call| match call {
            call if decision != Consent::Granted => call.fail(Ending::AuthDeny, DENIED, decision),
            Waiting::Save(call, source) => Step::Save(call, source),
            Waiting::Authorize(call) => {
                Step::Complete(Completion::answer(call, Ending::Ok).telling(decision))
            }
        })
    }
}

const DENIED: &str =
    "the user has refused scope.writePhotosAlbum: only the settings (openSetting) can change that";
const CANCELLED: &str = "the user closed the dialog without an answer: the next call asks again";

impl Waiting {
    fn fail(self, ending: Ending, why: &str, consent: Consent) -> Step {
        let (Waiting::Save(call, _) | Waiting::Authorize(call)) = self;
        Step::Complete(
            Completion::answer(call, ending)
                .because(why)
                .telling(consent),
        )
    }
}

fn setting(call: Call, consent: Consent) -> Step {
    Step::Complete(Completion::answer(call, Ending::Ok).telling(consent))
}
