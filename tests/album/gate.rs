//! The gate of consent, walked through every history of a few moves: whatever the host, the user and other processes do.

use std::collections::BTreeSet;

use wxgame::album::completion::{Call, Completion, CompletionKind};
use wxgame::album::consent::{Answer, Consent, Event, Gate, Step};
use wxgame::album::errmsg::{Api, Class};
use wxgame::album::path::{Root, Source};

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Move {
    Save,
    SaveWithABadPath,
    Authorize,
    OpenSetting,
    AnswerConsent(Answer),
    AnswerSetting(Answer),
    /// Another process, or the user with a file manager, changes what is kept.
    Elsewhere(Consent),
}

const MOVES: [Move; 13] = [
    Move::Save,
    Move::SaveWithABadPath,
    Move::Authorize,
    Move::OpenSetting,
    Move::AnswerConsent(Answer::Granted),
    Move::AnswerConsent(Answer::Denied),
    Move::AnswerConsent(Answer::Cancelled),
    Move::AnswerSetting(Answer::Granted),
    Move::AnswerSetting(Answer::Denied),
    Move::AnswerSetting(Answer::Cancelled),
    Move::Elsewhere(Consent::NotAsked),
    Move::Elsewhere(Consent::Granted),
    Move::Elsewhere(Consent::Denied),
];

impl Move {
    /// What the user decided by it, if it is the user's answer.
    fn decision(self) -> Option<Consent> {
        match self {
            Move::AnswerConsent(Answer::Granted) | Move::AnswerSetting(Answer::Granted) => {
                Some(Consent::Granted)
            }
            Move::AnswerConsent(Answer::Denied) | Move::AnswerSetting(Answer::Denied) => {
                Some(Consent::Denied)
            }
            _ => None,
        }
    }
}

/// A gate and all that must be known to judge it.
struct History {
    gate: Gate,
    /// What is kept on the disk.
    kept: Consent,
    /// The host has been asked, and the question is not needless yet.
    consent_asked: bool,
    setting_asked: bool,
    calls: u64,
    open: BTreeSet<u64>,
}

/// What one move led to.
struct Turn {
    made: Move,
    steps: Vec<Step>,
    /// What is kept after it.
    kept: Consent,
    /// Calls wait for the dialog after it.
    waits: bool,
}

impl History {
    fn new() -> Self {
        Self {
            gate: Gate::default(),
            kept: Consent::NotAsked,
            consent_asked: false,
            setting_asked: false,
            calls: 0,
            open: BTreeSet::new(),
        }
    }

    fn call(&mut self, api: Api) -> Call {
        self.calls += 1;
        self.open.insert(self.calls);
        Call {
            submission: self.calls,
            api,
            user_tag: 0,
        }
    }

    /// Makes a move and checks each step that comes of it.
    fn make(&mut self, made: Move) -> Turn {
        let event = match made {
            Move::Save => Event::SaveImage(self.call(Api::SaveImage), Ok(source())),
            Move::SaveWithABadPath => Event::SaveImage(self.call(Api::SaveImage), Err("bad")),
            Move::Authorize => Event::Authorize(self.call(Api::Authorize)),
            Move::OpenSetting => Event::OpenSetting(self.call(Api::OpenSetting)),
            Move::AnswerConsent(answer) => Event::ConsentAnswered(answer),
            Move::AnswerSetting(answer) => Event::SettingAnswered(answer),
            Move::Elsewhere(consent) => {
                self.kept = consent;
                return self.turn(made, Vec::new());
            }
        };
        let steps = self.gate.step(event, self.kept);
        for step in &steps {
            self.check(made, step);
        }
        // A question that nobody waits for is forgotten.
        self.consent_asked &= self.gate.asks_consent();
        self.setting_asked &= self.gate.asks_setting();
        assert_eq!(
            self.consent_asked,
            self.gate.asks_consent(),
            "who waits has been asked for"
        );
        assert_eq!(self.setting_asked, self.gate.asks_setting());
        let waits = self.gate.asks_consent() || self.gate.asks_setting();
        assert_eq!(waits, !self.open.is_empty(), "a call waits or is answered");
        self.turn(made, steps)
    }

    fn turn(&self, made: Move, steps: Vec<Step>) -> Turn {
        Turn {
            made,
            steps,
            kept: self.kept,
            waits: self.gate.asks_consent(),
        }
    }

    fn check(&mut self, made: Move, step: &Step) {
        match step {
            Step::Remember(consent) => {
                assert_eq!(
                    made.decision(),
                    Some(*consent),
                    "only the user's answer is kept"
                );
                self.kept = *consent;
            }
            Step::AskConsent => {
                assert!(!self.consent_asked, "one dialog at a time");
                assert_eq!(self.kept, Consent::NotAsked, "a decided user is not asked");
                self.consent_asked = true;
            }
            Step::AskSetting => {
                assert!(!self.setting_asked, "one dialog at a time");
                self.setting_asked = true;
            }
            Step::Save(call, _) => {
                assert_eq!(self.kept, Consent::Granted, "saved only with consent");
                assert!(self.open.remove(&call.submission), "saved once");
            }
            Step::Complete(completion) => {
                assert!(self.open.remove(&completion.submission), "answered once");
                self.check_answer(made, completion);
            }
        }
    }

    fn check_answer(&self, made: Move, answer: &Completion) {
        let CompletionKind::Answer(api) = answer.kind else {
            panic!("the gate answers calls: {answer:?}");
        };
        match answer.class {
            Some(Class::Ok) => match api {
                Api::Authorize => assert_eq!(self.kept, Consent::Granted),
                Api::OpenSetting => {}
                Api::SaveImage => panic!("only the disk says that a picture is saved"),
            },
            Some(Class::Denied) => assert_eq!(self.kept, Consent::Denied),
            Some(Class::Cancelled) => assert_eq!(made, Move::AnswerConsent(Answer::Cancelled)),
            Some(Class::BadFile) => assert_eq!(made, Move::SaveWithABadPath),
            _ => panic!("no other ending comes of consent: {answer:?}"),
        }
    }
}

fn source() -> Source {
    Source {
        root: Root::Temp,
        relative: "a.png".to_owned(),
    }
}

/// Plays every history of so many moves, shorter ones as their beginnings, and ends each by closing the dialogs.
/// Two changes elsewhere in a row are one.
fn walk(length: u32, mut check: impl FnMut(&Turn)) {
    let count = MOVES.len();
    for number in 0..count.pow(length) {
        let moves: Vec<Move> = (0..length)
            .map(|at| MOVES[number / count.pow(at) % count])
            .collect();
        let is_double = |two: &[Move]| two.iter().all(|made| matches!(made, Move::Elsewhere(_)));
        if moves.windows(2).any(is_double) {
            continue;
        }
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut history = History::new();
            for made in &moves {
                check(&history.make(*made));
            }
            history.make(Move::AnswerConsent(Answer::Cancelled));
            history.make(Move::AnswerSetting(Answer::Cancelled));
            assert!(history.open.is_empty(), "in the end every call is answered");
        }));
        assert!(played.is_ok(), "after {moves:?}");
    }
}

#[test]
fn in_every_history_each_call_ends_once_and_only_consent_saves() {
    let mut saved = 0_u64;
    walk(5, |turn| {
        let is_save = |step: &&Step| matches!(step, Step::Save(..));
        saved += turn.steps.iter().filter(is_save).count() as u64;
    });
    assert!(saved > 10_000, "the histories reach the saving");
}

#[test]
fn in_no_history_does_a_call_wait_once_it_is_decided() {
    walk(4, |turn| {
        let is_move_elsewhere = matches!(turn.made, Move::Elsewhere(_));
        assert!(is_move_elsewhere || !turn.waits || turn.kept == Consent::NotAsked);
    });
}

#[test]
fn in_every_history_an_answer_tells_the_consent_that_holds() {
    walk(4, |turn| {
        for step in &turn.steps {
            if let Step::Complete(Completion {
                consent: Some(told),
                ..
            }) = step
            {
                assert_eq!(*told, turn.kept);
            }
        }
    });
}

#[test]
fn the_settings_decide_for_calls_that_wait_too() {
    let mut history = History::new();
    history.make(Move::Elsewhere(Consent::Denied));
    history.make(Move::OpenSetting);
    history.make(Move::Elsewhere(Consent::NotAsked));
    assert!(history.make(Move::Save).waits);
    let turn = history.make(Move::AnswerSetting(Answer::Granted));
    assert!(matches!(
        turn.steps[..],
        [
            Step::Remember(Consent::Granted),
            Step::Save(..),
            Step::Complete(_)
        ]
    ));
}
