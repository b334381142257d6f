//! The one connection to the database, and statements that are sent without waiting for each other's answers.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{Client, NoTls, Row, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::ask::Ask;
use super::failure::Trouble;
use super::tls;
use super::url::{CONNECT, Target};
use crate::error::{Error, Kind, Result};
use crate::store::JournalError;

/// Where the database is, and the connection to it while there is one.
pub(super) struct Line {
    target: Target,
    tls: Option<MakeRustlsConnect>,
    link: Option<Link>,
}

/// What statements answered, in their order.
pub(super) type Replies = std::vec::IntoIter<Vec<Row>>;

type Reply<'a> =
    Pin<Box<dyn Future<Output = std::result::Result<Vec<Row>, tokio_postgres::Error>> + 'a>>;

impl Line {
    /// No connection yet.
    pub(super) fn to(target: Target) -> Result<Line> {
        let tls = target
            .tls
            .then(|| tls::connector(target.roots.as_deref()))
            .transpose()?;
        Ok(Line {
            target,
            tls,
            link: None,
        })
    }

    /// `host:port/database`.
    pub(super) fn address(&self) -> &str {
        &self.target.address
    }

    /// How operators are to know us.
    pub(super) fn application_name(&self) -> &str {
        self.target
            .config
            .get_application_name()
            .unwrap_or_default()
    }

    /// The connection, which is made if there is none.
    pub(super) async fn link(&mut self, by: Instant) -> std::result::Result<&Link, Trouble> {
        if self
            .link
            .as_ref()
            .is_some_and(|link| link.client.is_closed())
        {
            self.hang_up().await;
        }
        let link = match self.link.take() {
            Some(link) => link,
            None => {
                let by = by.min(Instant::now() + CONNECT);
                timeout_at(by, self.connect())
                    .await
                    .map_err(|_| Trouble::Late)??
            }
        };
        Ok(self.link.insert(link))
    }

    /// Ends the connection, whatever is under way: what was not committed never is.
    pub(super) async fn hang_up(&mut self) {
        if let Some(link) = self.link.take() {
            link.task.abort();
            // Not later, with the next call: the database would keep our locks until then.
            let _ = link.task.await;
        }
    }

    async fn connect(&self) -> std::result::Result<Link, Trouble> {
        let config = &self.target.config;
        Ok(match &self.tls {
            Some(tls) => {
                let (client, connection) = config.connect(tls.clone()).await?;
                Link::new(client, connection)
            }
            None => {
                let (client, connection) = config.connect(NoTls).await?;
                Link::new(client, connection)
            }
        })
    }
}

/// A connection.
pub(super) struct Link {
    client: Client,
    task: JoinHandle<()>,
}

impl Link {
    fn new<E>(
        client: Client,
        connection: impl Future<Output = std::result::Result<(), E>> + Send + 'static,
    ) -> Link {
        // Its end is told to whoever waits for an answer.
        let task = tokio::spawn(async {
            let _ = connection.await;
        });
        Link { client, task }
    }

    /// Sends `begin`, if there is one, and `asks`, each before the one before is answered.
    pub(super) async fn ask<'a>(
        &'a self,
        begin: Option<&'a str>,
        asks: impl IntoIterator<Item = &'a Ask<'a>>,
        by: Instant,
    ) -> std::result::Result<Replies, Trouble> {
        let mut replies: Vec<Reply<'_>> = Vec::new();
        if let Some(sql) = begin {
            replies.push(Box::pin(async move {
                self.client.batch_execute(sql).await.map(|()| Vec::new())
            }));
        }
        for ask in asks {
            let values = ask.values();
            replies.push(Box::pin(async move {
                self.client.query_typed(&ask.sql, &values).await
            }));
        }
        let mut told = timeout_at(by, in_order(replies))
            .await
            .map_err(|_| Trouble::Late)?;
        if begin.is_some() {
            begun(&told)?;
            told.remove(0)?;
        }
        let rows = told
            .into_iter()
            .collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(rows.into_iter())
    }

    /// A query in its simple form, whose last row is answered as text.
    pub(super) async fn simple(
        &self,
        sql: &str,
        by: Instant,
    ) -> std::result::Result<Option<String>, Trouble> {
        let told = timeout_at(by, self.client.simple_query(sql)).await;
        let messages = told.map_err(|_| Trouble::Late)??;
        let rows = messages.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        Ok(rows.last())
    }
}

/// Waits for all of `replies`; each is sent before the next one.
async fn in_order(
    mut replies: Vec<Reply<'_>>,
) -> Vec<std::result::Result<Vec<Row>, tokio_postgres::Error>> {
    let mut told: Vec<Option<_>> = replies.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (reply, told) in replies.iter_mut().zip(&mut told) {
            if told.is_none()
                && let Poll::Ready(answer) = reply.as_mut().poll(context)
            {
                *told = Some(answer);
            }
        }
        if told.iter().any(Option::is_none) {
            return Poll::Pending;
        }
        Poll::Ready(told.drain(..).flatten().collect())
    })
    .await
}

/// Refuses to go on where BEGIN failed and what was sent after it did not: each of that was a transaction of its own.
fn begun(
    told: &[std::result::Result<Vec<Row>, tokio_postgres::Error>],
) -> std::result::Result<(), Trouble> {
    let Some((Err(error), rest)) = told.split_first() else {
        return Ok(());
    };
    if rest.iter().all(std::result::Result::is_err) {
        return Ok(());
    }
    let message = format!(
        "the journal failed: the database began no transaction, and wrote all the same ({error})"
    );
    Err(Trouble::Final(JournalError {
        error: Error::new(Kind::Journal, message),
        maybe_written: true,
    }))
}
