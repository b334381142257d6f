//! The game client's part: it passes three strings of the game's server on to WeChat, which checks them.
//!
//! The checks come in this order, and the first one that fails answers: `signData` (-15011, -15001, -15002),
//! session (-15015), `signature` (-15012), `paySig` (-15014), product (3017, -15016), number (-15003).

use crate::call::Env;
use crate::codes::{NAME_RULE, is_name};
use crate::config::FirstSignature;
use crate::game_doctor;
use crate::item_order::{Begun, ItemOrder};
use crate::json::Trouble;
use crate::purchase::PurchaseState;
use crate::sign::{self, ITEM_CALL};
use crate::sign_data::SignData;
use crate::world::World;

/// What the client's `fail` is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientError {
    /// WeChat's number for it.
    pub err_code: i64,
    /// Why it failed. After a wrong signature, what the doctor found.
    pub err_msg: String,
    /// The field of `signData` to blame; empty when it is not about one.
    pub field: String,
}

impl ClientError {
    pub(crate) fn of(err_code: i64, field: &str, why: &str) -> ClientError {
        let words = match field {
            "" => why.to_owned(),
            _ => format!("[{field}] {field} {why}"),
        };
        ClientError {
            err_code,
            err_msg: format!("{ITEM_CALL}:fail {words}"),
            field: field.to_owned(),
        }
    }
}

/// What the client passes on, exactly as the game's server made it, and whose client it is.
#[derive(Clone, Copy, Debug)]
pub struct ItemCall<'a> {
    /// The player.
    pub openid: &'a str,
    /// The order, a JSON text.
    pub sign_data: &'a str,
    /// Made with the app key.
    pub pay_sig: &'a str,
    /// Made with the player's session key.
    pub signature: &'a str,
}

impl World {
    /// The client begins to buy an item, or the player pays for one that was begun. What WeChat refuses is told
    /// as the client would see it; what is no part of WeChat is a [`Trouble`].
    pub(crate) fn order_item(
        &self,
        app: usize,
        call: &ItemCall<'_>,
        state: PurchaseState,
    ) -> Result<Result<(), ClientError>, Trouble> {
        if !is_name(call.openid) {
            return Err(Trouble::new("openid", NAME_RULE));
        }
        if state == PurchaseState::Delivered {
            let message = "must be unpaid or paid; only an answered push delivers an item";
            return Err(Trouble::new("state", message));
        }
        Ok(self
            .check_item(app, call)
            .and_then(|data| self.begin_item(app, call, &data, state)))
    }

    fn check_item(&self, app: usize, call: &ItemCall<'_>) -> Result<SignData, ClientError> {
        let rules = &self.config.rules;
        let data = SignData::of(call.sign_data)?;
        data.check(&rules.apps[app], rules)?;
        match rules.first_signature {
            FirstSignature::Signature => {
                self.check_item_signature(app, call, data.env())?;
                self.check_item_pay_sig(app, call, data.env())?;
            }
            FirstSignature::PaySig => {
                self.check_item_pay_sig(app, call, data.env())?;
                self.check_item_signature(app, call, data.env())?;
            }
        }
        Ok(data)
    }

    fn check_item_signature(
        &self,
        app: usize,
        call: &ItemCall<'_>,
        env: Env,
    ) -> Result<(), ClientError> {
        let now_s = self.clock.now_s();
        let (session_key, earlier) = {
            let sessions = &self.lock().sessions;
            (
                sessions.current(app, call.openid, now_s),
                sessions.earlier(app, call.openid),
            )
        };
        let no_session = || ClientError::of(-15015, "", "the player has no session any more");
        let session_key = session_key.ok_or_else(no_session)?;
        let expected = sign::signature(call.sign_data, &session_key);
        if call.signature == expected {
            return Ok(());
        }
        let case = self.item_case(app, call, env);
        let words =
            game_doctor::signature(&case, call.signature, &expected, &session_key, &earlier);
        Err(ClientError::of(-15012, "", &words))
    }

    fn check_item_pay_sig(
        &self,
        app: usize,
        call: &ItemCall<'_>,
        env: Env,
    ) -> Result<(), ClientError> {
        let expected = sign::pay_sig(ITEM_CALL, call.sign_data, self.keys[app].of(env));
        if call.pay_sig == expected {
            return Ok(());
        }
        let now_s = self.clock.now_s();
        let session_key = self.lock().sessions.current(app, call.openid, now_s);
        let case = self.item_case(app, call, env);
        let words = game_doctor::pay_sig(&case, call.pay_sig, &expected, session_key.as_deref());
        Err(ClientError::of(-15014, "", &words))
    }

    fn item_case<'a>(&'a self, app: usize, call: &ItemCall<'a>, env: Env) -> game_doctor::Case<'a> {
        game_doctor::Case {
            uri: ITEM_CALL,
            body: call.sign_data,
            env,
            keys: &self.keys[app],
            access_token: "",
        }
    }

    fn begin_item(
        &self,
        app: usize,
        call: &ItemCall<'_>,
        data: &SignData,
        paid_or_not: PurchaseState,
    ) -> Result<(), ClientError> {
        let (env, number) = (data.env(), data.out_trade_no());
        let item = ItemOrder {
            openid: call.openid.to_owned(),
            zone_id: data.zone_id().to_owned(),
            product_id: data.text("productId").to_owned(),
            quantity: data.number("buyQuantity"),
            goods_price: data.number("goodsPrice"),
            attach: data.text("attach").to_owned(),
            sign_data: call.sign_data.to_owned(),
            state: paid_or_not,
            paid_s: None,
            attempts: 0,
            refunded: 0,
        };
        let now_s = self.clock.now_s();
        let mut state = self.lock();
        state
            .products
            .check(app, &item.product_id, item.goods_price)?;
        match state.ledger.begin_item(app, env, number, item, now_s) {
            Begun::Unpaid => Ok(()),
            Begun::Paid => {
                self.push_item(&mut state, app, env, number);
                Ok(())
            }
            Begun::Repeated(why) => Err(ClientError::of(-15003, "outTradeNo", why)),
            Begun::NoRoom => {
                let why = "the sandbox holds no more orders";
                Err(ClientError::of(-15004, "", why))
            }
        }
    }
}
