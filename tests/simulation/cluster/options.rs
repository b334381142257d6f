//! What can happen next. The first option is always the calm one.
//!
//! Outside `free` scenes, what goes wrong does so while a request is out, an answer waits to be acknowledged, or a
//! server has just stood still: in between nothing but heartbeats would differ.

use super::steps::Step;
use super::world::World;

impl World {
    pub fn options(&self, options: &mut Vec<Step>) {
        options.clear();
        if self.ended {
            return;
        }
        if let Some(at) =
            (0..self.floating.len()).find(|at| self.floating[*at].by_ms <= self.now_ms)
        {
            options.push(Step::Lost(at));
            self.late_option(at, options);
            return;
        }
        self.submit_options(options);
        self.ack_options(options);
        self.flight_options(options);
        self.rest_options(options);
        if !options.is_empty() && !self.scene.free {
            return self.trouble_options(options);
        }
        let over = self.is_settled() && self.floating.is_empty();
        match () {
            () if !over => options.push(Step::Wait),
            () if options.is_empty() => options.push(Step::End),
            () => {}
        }
        if !over && (self.scene.free || self.somebody_rests()) {
            self.trouble_options(options);
            self.wake_options(options);
        }
    }

    fn up(&self) -> impl Iterator<Item = usize> {
        (0..self.servers.len()).filter(|at| self.servers[*at].is_up())
    }

    fn somebody_rests(&self) -> bool {
        let mut servers = self.servers.iter();
        servers.any(|server| server.still_until_ms.is_some() || server.silent_until_ms.is_some())
    }

    fn late_option(&self, at: usize, options: &mut Vec<Step>) {
        let request = &self.floating[at].request;
        if self.wechat.would_act(request, false, self.now_ms) {
            options.push(Step::Late(at));
        }
    }

    fn submit_options(&self, options: &mut Vec<Step>) {
        // One that the journal does not know, and of which nobody waits for an answer, the host asks for again.
        let forgotten = |at: usize| self.record(at).is_none() && self.unanswered().is_none();
        let mut orders = 0..self.orders.len();
        let Some(order) = orders.find(|at| !self.orders[*at].placed || forgotten(*at)) else {
            return;
        };
        options.extend(self.up().map(|at| Step::Submit(at, order)));
    }

    fn ack_options(&self, options: &mut Vec<Step>) {
        if options.is_empty() || self.scene.free {
            let acks = self.up().filter(|at| !self.servers[*at].to_ack.is_empty());
            options.extend(acks.map(Step::Ack));
        }
    }

    fn flight_options(&self, options: &mut Vec<Step>) {
        if !options.is_empty() && !self.scene.free {
            return;
        }
        for (at, flight) in self.flights.iter().enumerate() {
            if !self.servers[flight.server].is_up() {
                continue;
            }
            let in_time = self.now_ms <= flight.not_after_ms;
            if in_time || flight.reply.is_some() {
                options.push(Step::Answer(at));
            }
            if self.left.fates > 0 || !in_time {
                options.push(Step::Float(at));
            }
            if self.left.fates > 0 && in_time && flight.reply.is_none() {
                options.push(Step::NotSent(at));
            }
        }
    }

    /// Who has stood still for long goes on.
    fn rest_options(&self, options: &mut Vec<Step>) {
        if !options.is_empty() && !self.scene.free {
            return;
        }
        let over = self.is_settled();
        for (at, server) in self.servers.iter().enumerate() {
            let rested = |until_ms: i64| over || until_ms <= self.now_ms;
            if server.still_until_ms.is_some_and(rested) {
                options.push(Step::Wake(at));
            }
            if server
                .silent_until_ms
                .is_some_and(|(until_ms, _)| rested(until_ms))
                && server.is_up()
            {
                options.push(Step::Answers(at));
            }
        }
    }

    fn trouble_options(&self, options: &mut Vec<Step>) {
        let left = &self.left;
        // Who stands still may be executed, or go on.
        for (at, flight) in self.flights.iter().enumerate() {
            let still = !self.servers[flight.server].is_up();
            if still && flight.left && flight.reply.is_none() && self.now_ms <= flight.not_after_ms
            {
                options.push(Step::Answer(at));
            }
        }
        (0..self.floating.len()).for_each(|at| self.late_option(at, options));
        self.wake_options(options);
        if left.top_ups > 0 {
            options.push(Step::TopUp);
        }
        let living = self
            .servers
            .iter()
            .filter(|server| server.journal.is_some());
        let living = living.count();
        for at in self.up() {
            let server = &self.servers[at];
            let has_out = self.flights.iter().any(|flight| flight.server == at);
            let alone = self.somebody_rests() || living < self.servers.len();
            if !(has_out || alone || !server.to_ack.is_empty() || self.scene.free) {
                continue;
            }
            let befores: &[bool] = if has_out { &[true, false] } else { &[true] };
            if left.kills > 0 && living > 1 {
                options.extend(befores.iter().map(|before| Step::Kill(at, *before)));
            }
            if left.pauses > 0 {
                options.extend(befores.iter().map(|before| Step::Pause(at, *before)));
            }
            if left.closes > 0 && living > 1 && server.silent_until_ms.is_none() {
                options.push(Step::Close(at));
            }
            if left.hangs > 0 && server.silent_until_ms.is_none() {
                options.extend([true, false].map(|commits| Step::Hang(at, commits)));
            }
            if left.faults > 0 && server.fault.is_none() {
                options.extend([true, false].map(|stored| Step::Fault(at, stored)));
            }
        }
        for at in 0..self.servers.len() {
            if left.opens > 0 && self.servers[at].journal.is_none() {
                options.push(Step::Open(at));
            }
        }
        self.repeat_options(options);
    }

    /// A known number again, or its cancel, at any server.
    fn repeat_options(&self, options: &mut Vec<Step>) {
        for (order, known) in self.orders.iter().enumerate() {
            if !known.placed {
                continue;
            }
            for at in self.up() {
                if self.left.repeats > 0 {
                    options.push(Step::Submit(at, order));
                }
                if self.left.cancels > 0 && self.is_pay(order) {
                    options.push(Step::Cancel(at, order));
                }
            }
        }
    }

    fn wake_options(&self, options: &mut Vec<Step>) {
        for (at, server) in self.servers.iter().enumerate() {
            if server.still_until_ms.is_some() && !options.contains(&Step::Wake(at)) {
                options.push(Step::Wake(at));
            }
            let silent = server.silent_until_ms.is_some() && server.is_up();
            if silent && !options.contains(&Step::Answers(at)) {
                options.push(Step::Answers(at));
            }
        }
    }
}
