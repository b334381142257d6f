//! What the host asks for, checked before anything is journaled: every refusal names its field.

use crate::api::game_v2::item_order::{self, ItemOrder};
use crate::api::game_v2::query_order::{self, Business};
use crate::api::game_v2::{self, CoinType, Player};
use crate::api::{Call, Order, check};
use crate::error::{Error, Kind, Result};
use crate::sign::Secret;
use crate::store::{self, Generation, HOST_DATA_MAX, Record, State};

use super::submission::{Ask, Operator, Part, ReadCall};
use super::{Client, options};

/// What the host gives with a payment, beside the order itself.
#[derive(Clone, Copy, Default)]
pub struct With<'a> {
    /// Comes back in every completion.
    pub user_tag: u64,
    /// 0: the client's.
    pub deadline_ms: i64,
    /// The host's own books say that this number may have been sent.
    pub sent_before: bool,
    /// Kept with the record, at most 256 bytes.
    pub host_data: &'a [u8],
}

impl Client {
    /// Checks a pay or present and makes it an [`Ask`].
    pub fn payment(&self, kind: store::Kind, order: &Order, with: &With) -> Result<(Ask, i64)> {
        let call = match kind {
            store::Kind::Present => Call::Present,
            _ => Call::Pay,
        };
        check::order(call, order)?;
        check_host_data(with.host_data)?;
        let deadline_ms = options::deadline(with.deadline_ms, self.deadline_ms)?;
        let now_ms = self.shared.clock.now().wall_ms;
        let record = Record {
            offer_id: self.app.offer_id.clone(),
            pf: self.app.pf.clone(),
            openid: order.openid.to_owned(),
            zone_id: order.zone_id.to_owned(),
            amount: order.amount,
            pay_item: order.pay_item.to_owned(),
            app_remark: order.app_remark.to_owned(),
            user_ip: order.user_ip.to_owned(),
            user_tag: with.user_tag,
            host_data: with.host_data.to_vec(),
            created_at_ms: now_ms,
            deadline_at_ms: now_ms + deadline_ms,
            updated_at_ms: now_ms,
            ..Record::new(kind, self.app.generation, order.bill_no)
        };
        let record = Box::new(record);
        Ok((
            Ask::Payment {
                record,
                sent_before: with.sent_before,
            },
            deadline_ms,
        ))
    }

    /// Checks a cancel_pay and makes it an [`Ask`]. Without a refund_bill_no and amount it is about the whole.
    pub fn cancel_pay(
        &self,
        bill_no: &str,
        refund_bill_no: &str,
        amount: i64,
        deadline_ms: i64,
    ) -> Result<(Ask, i64)> {
        check::bill_no(bill_no)?;
        let part = match (refund_bill_no, amount) {
            ("", 0) => None,
            _ => {
                self.needs_v2()?;
                check::amount(amount)?;
                game_v2::check_refund(bill_no, refund_bill_no)?;
                Some(Part {
                    refund_bill_no: refund_bill_no.to_owned(),
                    amount,
                })
            }
        };
        let bill_no = bill_no.to_owned();
        Ok((
            Ask::CancelPay { bill_no, part },
            options::deadline(deadline_ms, self.deadline_ms)?,
        ))
    }

    /// Checks a get_balance and makes it an [`Ask`].
    pub fn get_balance(
        &self,
        order: &Order,
        coin_type: CoinType,
        deadline_ms: i64,
    ) -> Result<(Ask, i64)> {
        check::order(Call::GetBalance, order)?;
        if coin_type != CoinType::Game {
            self.needs_v2().map_err(|error| error.about("coin_type"))?;
            game_v2::check_zone(coin_type, order.zone_id)?;
        }
        let call = ReadCall::GetBalance {
            openid: order.openid.to_owned(),
            zone_id: order.zone_id.to_owned(),
            user_ip: order.user_ip.to_owned(),
            coin_type,
        };
        Ok((
            Ask::Read(call),
            options::deadline(deadline_ms, self.deadline_ms)?,
        ))
    }

    /// Checks a query_order and makes it an [`Ask`].
    pub fn query_order(
        &self,
        player: &Player,
        out_trade_no: &str,
        business: Business,
        deadline_ms: i64,
    ) -> Result<(Ask, i64)> {
        self.needs_v2()?;
        check::id("openid", player.openid)?;
        check::zone_id(player.zone_id)?;
        check::user_ip(player.user_ip)?;
        query_order::check_out_trade_no(out_trade_no)?;
        let call = ReadCall::QueryOrder {
            openid: player.openid.to_owned(),
            zone_id: player.zone_id.to_owned(),
            user_ip: player.user_ip.to_owned(),
            out_trade_no: out_trade_no.to_owned(),
            business,
        };
        Ok((
            Ask::Read(call),
            options::deadline(deadline_ms, self.deadline_ms)?,
        ))
    }

    /// Checks an item order and makes it an [`Ask`].
    pub fn item_order(&self, openid: &str, order: &ItemOrder, with: &With) -> Result<(Ask, i64)> {
        self.needs_v2()?;
        check::id("openid", openid)?;
        item_order::check_item_order(order)?;
        check_host_data(with.host_data)?;
        let deadline_ms = options::deadline(with.deadline_ms, self.deadline_ms)?;
        let now_ms = self.shared.clock.now().wall_ms;
        let record = Record {
            offer_id: self.app.offer_id.clone(),
            pf: order.platform.to_owned(),
            openid: openid.to_owned(),
            zone_id: order.zone_id.to_owned(),
            amount: order.buy_quantity,
            pay_item: order.product_id.to_owned(),
            app_remark: order.attach.to_owned(),
            goods_price: order.goods_price,
            user_tag: with.user_tag,
            host_data: with.host_data.to_vec(),
            state: State::AwaitingPayment,
            created_at_ms: now_ms,
            deadline_at_ms: now_ms + deadline_ms,
            updated_at_ms: now_ms,
            ..Record::new(store::Kind::Item, Generation::V2, order.out_trade_no)
        };
        Ok((Ask::ItemOrder(Box::new(record)), deadline_ms))
    }

    /// Refuses what Midas v1 does not have.
    fn needs_v2(&self) -> Result<()> {
        if self.app.generation == Generation::V2 {
            return Ok(());
        }
        Err(Error::new(
            Kind::Unsupported,
            "is of virtual payment 2.0: open the client with generation 2",
        )
        .about("generation"))
    }

    /// Checks a login and makes it an [`Ask`].
    pub fn login(&self, js_code: &str, deadline_ms: i64) -> Result<(Ask, i64)> {
        if !self.has_app_secret {
            return Err(Error::invalid(
                "app_secret",
                "is missing in the client's options: a login needs it; or set the session_key yourself",
            ));
        }
        check::credential("js_code", js_code, check::CREDENTIAL_MAX)?;
        let js_code = Secret::new(js_code);
        Ok((
            Ask::Read(ReadCall::Login { js_code }),
            options::deadline(deadline_ms, self.deadline_ms)?,
        ))
    }

    /// Checks a check_session and makes it an [`Ask`].
    pub fn check_session(&self, openid: &str, deadline_ms: i64) -> Result<(Ask, i64)> {
        let call = |openid| ReadCall::CheckSession { openid };
        self.about_session(openid, deadline_ms, call)
    }

    /// Checks a reset_session and makes it an [`Ask`].
    pub fn reset_session(&self, openid: &str, deadline_ms: i64) -> Result<(Ask, i64)> {
        let call = |openid| ReadCall::ResetSession { openid };
        self.about_session(openid, deadline_ms, call)
    }

    fn about_session(
        &self,
        openid: &str,
        deadline_ms: i64,
        call: impl FnOnce(String) -> ReadCall,
    ) -> Result<(Ask, i64)> {
        check::id("openid", openid)?;
        let deadline_ms = options::deadline(deadline_ms, self.deadline_ms)?;
        Ok((Ask::Read(call(openid.to_owned())), deadline_ms))
    }

    /// Makes a question or decision of an operator an [`Ask`].
    pub fn operator(&self, operator: Operator, deadline_ms: i64) -> Result<(Ask, i64)> {
        if let Some(bill_no) = operator.bill_no() {
            // Also the number of an item order, which may hold more.
            check::bill_no(bill_no)
                .or_else(|error| query_order::check_out_trade_no(bill_no).map_err(|_| error))?;
        }
        let deadline_ms = options::deadline(deadline_ms, self.deadline_ms)?;
        Ok((Ask::Operator(operator), deadline_ms))
    }
}

fn check_host_data(host_data: &[u8]) -> Result<()> {
    if host_data.len() <= HOST_DATA_MAX {
        return Ok(());
    }
    Err(Error::invalid(
        "host_data",
        "is longer than 256 bytes: keep it in your own database under the bill_no",
    ))
}
