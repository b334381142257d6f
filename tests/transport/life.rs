//! Threads, queue, shutdown, and the promise that every slot is told.

use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};

use wxgame::transport::ureq::UreqOptions;
use wxgame::transport::{Outcome, Slot, Transport};

use crate::client::{self, LONG, SHORT, client, not_sent, post, reply, send, start, unknown, wait};
use crate::server::{Server, reply_of};

/// A server that never answers, and says when it has read a request.
fn silent() -> (Server, std::sync::mpsc::Receiver<()>) {
    let (tell, told) = channel();
    let server = Server::start(move |mut visit| {
        visit.read_request();
        let _ = tell.send(());
        visit.read_to_end();
    });
    (server, told)
}

fn one_thread(server: &Server) -> UreqOptions {
    UreqOptions {
        base_url: server.http(),
        max_threads: 1,
        ..UreqOptions::default()
    }
}

#[test]
fn dropping_a_slot_is_unknown() {
    let (tell, told) = channel();
    drop(Slot::new(move |outcome| tell.send(outcome).unwrap()));
    assert!(matches!(told.recv(), Ok(Outcome::Unknown(_))));
}

#[test]
fn too_late_in_the_queue_is_not_sent_while_the_thread_is_busy() {
    let (server, read) = silent();
    let client = client::with(one_thread(&server));
    let first = start(&client, post("/first"), LONG);
    read.recv_timeout(LONG).unwrap();
    let begun = Instant::now();
    not_sent(send(&client, post("/second"), SHORT));
    assert!(
        begun.elapsed() < SHORT + Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    client.shutdown();
    unknown(wait(&first));
    assert_eq!(server.requests_for("/second"), 0);
}

/// Aim: what may be another server's by now is not sent, however much time its answer would have.
#[test]
fn a_request_that_had_to_leave_earlier_is_not_sent() {
    let server = Server::start(|mut visit| visit.answer_all(&reply_of("{}")));
    let client = client::with(one_thread(&server));
    let mut late = post("/late");
    late.leave_by = Some(Instant::now());
    not_sent(send(&client, late, LONG));
    let mut early = post("/early");
    early.leave_by = Some(Instant::now() + LONG);
    reply(send(&client, early, LONG));
    assert_eq!(server.requests_for("/late"), 0);
    assert_eq!(server.requests_for("/early"), 1);
}

#[test]
fn what_waits_in_the_queue_is_sent_in_turn() {
    let server = Server::start(|mut visit| visit.answer_all(&reply_of("{}")));
    let client = client::with(one_thread(&server));
    let told: Vec<_> = (0..100)
        .map(|_| start(&client, post("/pay"), LONG))
        .collect();
    for told in &told {
        reply(wait(told));
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 100));
}

#[test]
fn as_many_are_under_way_as_there_are_threads() {
    // Nobody is answered until all are there.
    let all = Arc::new(Barrier::new(8));
    let server = Server::start(move |mut visit| {
        visit.read_request();
        all.wait();
        visit.write(&reply_of("{}"));
    });
    let client = client::with(UreqOptions {
        max_threads: 8,
        ..one_thread(&server)
    });
    let told: Vec<_> = (0..8).map(|_| start(&client, post("/pay"), LONG)).collect();
    for told in &told {
        reply(wait(told));
    }
}

#[test]
fn a_shutdown_interrupts_at_once_and_starts_nothing_more() {
    let (server, read) = silent();
    let client = client::with(one_thread(&server));
    let under_way = start(&client, post("/first"), LONG);
    read.recv_timeout(LONG).unwrap();
    let waiting = start(&client, post("/second"), LONG);

    let begun = Instant::now();
    client.shutdown();
    unknown(wait(&under_way));
    not_sent(wait(&waiting));
    not_sent(send(&client, post("/third"), LONG));
    assert!(client.join_timeout(LONG));
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(server.requests().len(), 1);
    client.shutdown();
}

#[test]
fn a_shutdown_in_the_middle_of_an_answer_without_a_length_is_unknown() {
    let (tell, told) = channel();
    let server = Server::start(move |mut visit| {
        visit.answer_once("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"errcode\":0}");
        let _ = tell.send(());
        visit.read_to_end();
    });
    let client = client(&server.http());
    let under_way = start(&client, post("/pay"), LONG);
    told.recv_timeout(LONG).unwrap();
    client.shutdown();
    unknown(wait(&under_way));
}

#[test]
fn dropping_the_transport_never_blocks_and_every_slot_is_told() {
    let (server, read) = silent();
    let client = client::with(one_thread(&server));
    let under_way = start(&client, post("/first"), LONG);
    read.recv_timeout(LONG).unwrap();
    let waiting = start(&client, post("/second"), LONG);
    let begun = Instant::now();
    drop(client);
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    unknown(wait(&under_way));
    not_sent(wait(&waiting));
}

#[test]
fn idle_threads_go_home_on_shutdown() {
    let server = Server::start(|mut visit| visit.answer_all(&reply_of("{}")));
    let client = client(&server.http());
    for _ in 0..3 {
        reply(send(&client, post("/pay"), LONG));
    }
    client.shutdown();
    assert!(client.join_timeout(Duration::from_secs(5)));
}

#[test]
fn one_slot_per_request_is_told_once_under_a_storm_and_a_shutdown() {
    let server = Server::start(|mut visit| visit.answer_all(&reply_of("{}")));
    let client = Arc::new(client::with(UreqOptions {
        max_threads: 16,
        ..one_thread(&server)
    }));
    let told = Arc::new(Mutex::new(vec![0_u32; 800]));
    let (tell, all_told) = channel();
    let starters: Vec<_> = (0..8)
        .map(|starter| {
            let (client, told, tell) = (Arc::clone(&client), Arc::clone(&told), tell.clone());
            std::thread::spawn(move || {
                for number in starter * 100..(starter + 1) * 100 {
                    let (told, tell) = (Arc::clone(&told), tell.clone());
                    let slot = Slot::new(move |_| {
                        told.lock().unwrap()[number] += 1;
                        tell.send(()).unwrap();
                    });
                    client.start(post("/pay"), Instant::now() + LONG, slot);
                }
            })
        })
        .collect();
    for _ in 0..200 {
        all_told.recv_timeout(LONG).unwrap();
    }
    client.shutdown();
    for starter in starters {
        starter.join().unwrap();
    }
    for _ in 200..800 {
        all_told.recv_timeout(LONG).unwrap();
    }
    assert!(client.join_timeout(LONG));
    assert!(told.lock().unwrap().iter().all(|count| *count == 1));
}
