import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelState
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

struct RefreshPassTests {
    private func pass(_ rig: RenewalRig, _ change: (inout RefreshOptions) -> Void = { _ in }) -> RefreshPass {
        var options = RefreshOptions()
        change(&options)
        return RefreshPass(rig.renewer, retired: rig.retired, time: rig.base.clock, options: options)
    }

    /// So many more grants, as old as the rig's, of one endpoint or another.
    private func add(_ count: Int, to rig: RenewalRig, at endpoint: String = ScriptedProvider.tokenEndpoint)
        async throws
    {
        for number in 0..<count {
            _ = try await RenewalRig.add("person\(number)@example.com", rig.base, rig.vault, at: endpoint)
        }
    }

    @Test func `what is due is renewed, and the rest left alone`() async throws {
        try await RenewalRig.run(.staying) { rig in
            let early = try await pass(rig).run(in: rig.vault)
            #expect(early.rows.isEmpty)
            #expect(rig.sent.isEmpty)
            // Due in 50 minutes, and a pass looks a quarter of an hour ahead.
            rig.base.clock.advance(seconds: 2200)
            let report = try await pass(rig).run(in: rig.vault)
            #expect(report.count(.fine) == 1)
            #expect(report.rows.first?.accounts == [EngineRig.alpha])
            #expect(report.rows.first?.authorization == RenewalRig.slot)
            #expect(try await pass(rig).run(in: rig.vault).rows.isEmpty)
        }
    }

    @Test func `a pass has a budget of grants and of time, and asks for the most urgent first`() async throws {
        try await RenewalRig.run(.staying) { rig in
            rig.base.clock.advance(seconds: 60)
            try await add(9, to: rig)
            try rig.lapse()
            let report = try await pass(rig) { $0.most = 4 }.run(in: rig.vault)
            #expect(report.count(.fine) == 4)
            #expect(report.hasMore)
            #expect(report.rows.contains { $0.record.id == rig.grant })
            let (clock, provider) = (rig.base.clock, rig.provider)
            rig.base.transport.respond { request throws(ConnectionFailure) in
                clock.advance(seconds: 100)
                return try provider.answer(request)
            }
            let slow = try await pass(rig) { $0.parallelism = 1 }.run(in: rig.vault)
            #expect(slow.count(.fine) == 2)
            #expect(slow.count(.passing) == 4)
        }
    }

    @Test func `a request to stop begins nothing more`() async throws {
        try await RenewalRig.run(.staying) { rig in
            try rig.lapse()
            var stopped = pass(rig)
            stopped.isStopping = { true }
            let report = try await stopped.run(in: rig.vault)
            #expect(report.count(.passing) == 1)
            #expect(rig.sent.isEmpty)
        }
    }

    @Test func `no more than so many at a time, and so many at one endpoint`() async throws {
        try await RenewalRig.run(.staying) { rig in
            try await add(12, to: rig)
            try await add(6, to: rig, at: "https://other.example.com/token")
            try rig.lapse()
            let provider = rig.provider
            let running = Mutex<[String: (now: Int, most: Int)]>([:])
            rig.base.transport.respond { request throws(ConnectionFailure) in
                let host = request.url.authority.host
                running.withLock { running in
                    let now = (running[host]?.now ?? 0) + 1
                    running[host] = (now, max(now, running[host]?.most ?? 0))
                }
                for _ in 0..<20 { await Task.yield() }
                running.withLock { $0[host]?.now -= 1 }
                return try provider.answer(request)
            }
            let report = try await pass(rig) { $0.eachEndpoint = 3 }.run(in: rig.vault)
            #expect(report.count(.fine) == 19)
            #expect(running.withLock { $0.values.allSatisfy { $0.most <= 3 } })
        }
    }

    @Test func `an endpoint that is throttled is left alone, and the other is not`() async throws {
        try await RenewalRig.run(.staying) { rig in
            try await add(10, to: rig)
            try await add(3, to: rig, at: "https://other.example.com/token")
            try rig.lapse()
            let provider = rig.provider
            rig.base.transport.respond { request throws(ConnectionFailure) in
                request.url.authority.host == "other.example.com"
                    ? try provider.answer(request)
                    : HTTPResponse(status: 429, headers: [("Retry-After", "600")])
            }
            let report = try await pass(rig) { $0.parallelism = 1 }.run(in: rig.vault)
            #expect(report.count(.fine) == 3)
            #expect(report.count(.passing) == 11)
            #expect(rig.base.transport.exchanges.count { $0.request.url.authority.host != "other.example.com" } == 1)
            // What was not asked stays due.
            #expect(try await rig.vault.grantsDue(by: rig.base.clock.now, atMost: 100).count == 10)
        }
    }

    @Test func `an outage of one endpoint costs five requests, not one for each grant`() async throws {
        try await RenewalRig.run(.staying) { rig in
            try await add(30, to: rig)
            try rig.lapse()
            rig.base.transport.respond { _ throws(ConnectionFailure) in throw .refused }
            let report = try await pass(rig) { $0.eachEndpoint = 1 }.run(in: rig.vault)
            #expect(report.count(.passing) == 31)
            #expect(rig.base.transport.exchanges.count == 5)
        }
    }

    @Test func `a grant that waits for a person is named by each pass, and asked for when somebody insists`()
        async throws
    {
        try await RenewalRig.run(.staying) { rig in
            try rig.lapse()
            rig.provider.end()
            let first = try await pass(rig).run(in: rig.vault)
            #expect(first.count(.needsPerson) == 1)
            #expect(first.givenUp.isEmpty)
            let second = try await pass(rig).run(in: rig.vault)
            #expect(second.rows.isEmpty)
            #expect(second.givenUp.map(\.authorization) == [RenewalRig.slot])
            #expect(second.givenUp.first?.accounts == [EngineRig.alpha])
            rig.provider.revive()
            let third = try await pass(rig) { $0.offersRefused = true }.run(in: rig.vault)
            #expect(third.count(.fine) == 1)
            #expect(third.givenUp.isEmpty)
        }
    }

    @Test func `a grant that another process is renewing is left to it`() async throws {
        try await RenewalRig.run { rig in
            try rig.lapse()
            let lock = try await GrantLocks(directory: rig.base.paths.state.directory, files: rig.base.files)
                .acquire(rig.grant, for: .zero)
            var renewer = rig.renewer
            renewer.lockLimit = .zero
            let report = try await RefreshPass(
                renewer, retired: rig.retired, time: rig.base.clock, options: RefreshOptions()
            ).run(in: rig.vault)
            lock.unlock()
            #expect(report.count(.passing) == 1)
            #expect(rig.sent.isEmpty)
            #expect(try await pass(rig).run(in: rig.vault).count(.fine) == 1)
        }
    }

    @Test(arguments: [40 * 86_400, 20 * 365 * 86_400] as [Int64])
    func `what was written while the clock was far ahead is not believed`(wrong: Int64) async throws {
        try await RenewalRig.run(.staying) { rig in
            rig.base.clock.advance(seconds: wrong)
            let ahead = try await pass(rig).run(in: rig.vault)
            #expect(ahead.count(.fine) == 1)
            rig.base.clock.advance(seconds: -wrong)
            #expect(try await pass(rig).run(in: rig.vault).count(.fine) == 1)
            #expect(
                try await rig.record().renewalDue ?? .init(seconds: .max)
                    < rig.base.clock.now.adding(seconds: 11 * 86_400))
            #expect(try await pass(rig).run(in: rig.vault).rows.isEmpty)
        }
    }

    @Test func `a wait that was noted while the clock was far ahead is not waited for`() async throws {
        try await RenewalRig.run(.staying) { rig in
            let year: Int64 = 365 * 86_400
            rig.base.clock.advance(seconds: year)
            rig.provider.order(.answering(HTTPResponse(status: 429, headers: [("Retry-After", "600")])))
            let throttled = try await pass(rig).run(in: rig.vault)
            #expect(throttled.count(.passing) == 1)
            rig.base.clock.advance(seconds: -year + 3601)
            #expect(try await pass(rig).run(in: rig.vault).count(.fine) == 1)
        }
    }

    @Test func `each renewal is in the audit`() async throws {
        try await RenewalRig.run(.staying) { rig in
            try rig.lapse()
            _ = try await pass(rig).run(in: rig.vault)
            let entry = try #require(try await rig.vault.audit(atMost: 9).last?.entry)
            #expect(entry.action == "renew" && entry.run == "refresh" && entry.address == RenewalRig.slot)
            #expect(entry.grant == rig.grant)
            try await rig.vault.verifyAudit()
        }
    }

    @Test(arguments: [200, 400])
    func `a clock that differs is told, whether the renewal works or not`(status: Int) async throws {
        try await RenewalRig.run(.staying) { rig in
            try rig.lapse()
            let provider = rig.provider
            rig.base.transport.respond { request throws(ConnectionFailure) in
                var answer = try provider.answer(request)
                if status != 200 { answer = HTTPResponse(status: status) }
                answer.headers.append((name: "Date", value: "Fri, 15 Jan 2027 09:05:01 GMT"))
                return answer
            }
            let report = try await pass(rig).run(in: rig.vault)
            #expect(report.rows.map(\.clockSkew) == [300])
        }
    }

    @Test func `retired grants are not renewed, and go when their time is over`() async throws {
        try await RenewalRig.run(.staying) { rig in
            let next = try await RenewalRig.add("lead@example.com", rig.base, rig.vault)
            try await rig.vault.promote(next, for: [EngineRig.alpha])
            try await rig.vault.retire([rig.grant])
            rig.base.clock.advance(seconds: 29 * 86_400)
            let report = try await pass(rig).run(in: rig.vault)
            #expect(report.rows.map(\.record.id) == [next])
            #expect(report.purged == 0)
            rig.base.clock.advance(seconds: 2 * 86_400)
            #expect(try await pass(rig).run(in: rig.vault).purged == 1)
            #expect(try await rig.vault.grant(rig.grant) == nil)
            let locks = try rig.base.files.list(rig.base.paths.state.directory + "/grants").map(\.name)
            #expect(locks == ["\(next.text).lock"])
        }
    }
}

extension RenewalRig {
    fileprivate var retired: RetiredGrants { RetiredGrants(paths: base.paths, files: base.files, time: base.clock) }
}
