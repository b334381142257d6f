//! Pushes on their way from the host's HTTP server to the journal, and what is answered.

use std::sync::PoisonError;

use crate::api::push::{self, Event, Receiver, Refusal, What};
use crate::error::{Error, Kind, Result};
use crate::queue::Wait;
use crate::store::{self, Generation, Record, State};

use super::Client;
use super::completion::{Completion, CompletionKind, Outcome, Push, Verdict};
use super::submission::Ask;

/// Before the numbers of what only a push told of: no number of a caller's has a `:`.
pub(super) const GOODS: &str = store::PUSHED_ITEM;
/// Coins that a player has bought.
pub(super) const COINS: &str = "coin:";
const REFUND: &str = "refund:";
const GIFT: &str = "gift:";

impl Client {
    /// Verifies a push and, where it tells of a payment, journals it: what comes back says what to answer and what to
    /// deliver. A wait that ends too early asks WeChat to push again.
    pub fn receive_push(&self, query: &str, body: &[u8], wait: Wait) -> Result<Completion> {
        let Some(keys) = &self.push else {
            return Err(Error::new(
                Kind::Unsupported,
                "is missing: open the client with the Token of the message push settings",
            )
            .about("push_token"));
        };
        let app_key = self
            .app_key
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let receiver = Receiver {
            appid: &self.app.appid,
            environment: self.app.environment,
            app_key: &app_key,
            token: &keys.token,
            aes_key: keys.aes_key.as_ref(),
        };
        let received = push::receive(&receiver, query, body);
        let mut told = match &received.what {
            What::Event(event) => {
                let asked = (Ask::Push(Box::new(event.clone())), self.deadline_ms);
                match self.call(asked, 0, wait) {
                    Ok(told) => told,
                    // What the journal takes all the same is delivered from there.
                    Err(error) if matches!(error.kind, Kind::TimedOut | Kind::QueueFull) => {
                        Completion::push_again(event, &error.message)
                    }
                    Err(error) => return Err(error),
                }
            }
            What::Echo(echostr) => Completion::of_message(Verdict::Echo, "", echostr),
            What::Other { event, message, .. } => {
                Completion::of_message(Verdict::Other, event, message)
            }
            What::Mock(event) => Completion::of_event(Verdict::Mock, event),
            What::Refused(refusal) => Completion::of_refusal(refusal),
        };
        if let Some(push) = &mut told.push {
            let verdict = match push.verdict {
                Some(Verdict::Again) => push::Verdict::Retry,
                Some(Verdict::Refuse) => push::Verdict::Refused,
                _ => push::Verdict::Success,
            };
            push.answer = Some(received.answer(verdict));
        }
        Ok(told)
    }
}

impl Completion {
    /// What is told of a push that is no event of payment.
    fn of_message(verdict: Verdict, name: &str, message: &str) -> Self {
        Self {
            kind: Some(CompletionKind::Push),
            push: Some(Box::new(Push {
                verdict: Some(verdict),
                name: name.to_owned(),
                message: message.to_owned(),
                ..Push::default()
            })),
            ..Self::default()
        }
    }

    /// What is told of an event of payment that is not journaled.
    fn of_event(verdict: Verdict, event: &Event) -> Self {
        Self {
            outcome: Outcome::None,
            push: Some(Box::new(Push {
                verdict: Some(verdict),
                ..Push::of_event(event.clone())
            })),
            ..Self::of_record_alone(CompletionKind::Push, &record_of(event, 0))
        }
    }

    fn of_refusal(refusal: &Refusal) -> Self {
        Self {
            kind: Some(CompletionKind::Push),
            errmsg: refusal.why.clone(),
            push: Some(Box::new(Push {
                verdict: Some(Verdict::Refuse),
                refusal: Some(refusal.reason),
                ..Push::default()
            })),
            ..Self::default()
        }
    }

    /// What is told of a push of which nothing came: WeChat is to push it again.
    pub(super) fn push_again(event: &Event, why: &str) -> Self {
        Self {
            errmsg: why.to_owned(),
            ..Self::of_event(Verdict::Again, event)
        }
    }
}

/// The record that keeps a push. Its number is what tells this push from others: a repeated one has the same.
pub(super) fn record_of(event: &Event, now_ms: i64) -> Record {
    let (kind, number) = match event {
        Event::Goods(goods) => (store::Kind::Item, [GOODS, &goods.out_trade_no].concat()),
        Event::Coins(coins) => (store::Kind::Push, [COINS, &coins.out_trade_no].concat()),
        Event::Refund(refund) => (store::Kind::Push, [REFUND, &refund.refund_id].concat()),
        Event::Gift(gift) => (store::Kind::Push, [GIFT, &gift.order_id].concat()),
    };
    let mut record = Record {
        amount: 1,
        state: State::Done,
        push_event: event.name().to_owned(),
        payload: event.payload().to_owned(),
        created_at_ms: now_ms,
        deadline_at_ms: now_ms,
        updated_at_ms: now_ms,
        ..Record::new(kind, Generation::V2, &number)
    };
    match event {
        Event::Goods(goods) => {
            record.openid.clone_from(&goods.openid);
            record.zone_id.clone_from(&goods.zone_id);
            record.pay_item.clone_from(&goods.product_id);
            record.app_remark.clone_from(&goods.attach);
            record.amount = goods.quantity;
        }
        Event::Coins(coins) => {
            record.openid.clone_from(&coins.openid);
            record.zone_id.clone_from(&coins.zone_id);
            record.amount = coins.buy_quantity;
            // It asks for nothing: the player's balance tells.
            record.acked = true;
        }
        Event::Refund(refund) => record.openid = refund.openid.clone().unwrap_or_default(),
        Event::Gift(gift) => {
            record.openid.clone_from(&gift.to_user_openid);
            record.zone_id = gift.zone.to_string();
        }
    }
    record
}
