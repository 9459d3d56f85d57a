import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import Synchronization
import Testing

struct GraphRunnerTests {
    @Test func `what depends on a failure is skipped and names it, the rest goes on`() async {
        let steps = [step("a"), step("b", after: "a"), step("c", after: "b"), step("x"), step("y", after: "x")]
        let run = await Run.of(steps, failing: ["b"])
        #expect(run.outcomes == ["a": "done", "b": "failed", "c": "skipped by b", "x": "done", "y": "done"])
        #expect(run.executed.sorted() == ["a", "b", "x", "y"])
    }

    @Test func `a step that waits for two is skipped once, for the first that failed`() async {
        let steps = [step("a"), step("b"), step("c", after: "a", "b"), step("d", after: "c")]
        let run = await Run.of(steps, failing: ["a", "b"], parallelism: 1)
        #expect(run.outcomes == ["a": "failed", "b": "failed", "c": "skipped by a", "d": "skipped by a"])
        #expect(run.finished == ["a", "c", "d", "b"])
    }

    @Test func `a step starts only when all that it waits for have succeeded`() async {
        let steps = [step("a"), step("b"), step("c", after: "a", "b"), step("d", after: "c")]
        let run = await Run.of(steps)
        #expect(run.executed.firstIndex(of: "c") == 2)
        #expect(run.executed.firstIndex(of: "d") == 3)
    }

    @Test func `a step that is waited for but is not in the plan hinders nothing`() async {
        let run = await Run.of([step("a", after: "elsewhere")])
        #expect(run.outcomes == ["a": "done"])
    }

    @Test(.timeLimit(.minutes(5)), arguments: [1, 3, 10])
    func `as many run at once as allowed, and never more`(parallelism: Int) async {
        let crowd = Crowd(expected: parallelism)
        let steps = (0..<30).map { step("s\($0)") }
        let runner = GraphRunner(
            parallelism: parallelism,
            performer: Acting { _ in
                await crowd.enter()
                return .done
            }, report: { _ in }, isStopping: { false })
        let outcomes = await runner.run(steps)
        #expect(outcomes.count == 30)
        #expect(await crowd.most == parallelism)
    }

    @Test func `a request to stop starts nothing more, and says what was not started`() async {
        let stop = Atomic(false)
        let steps = [step("a"), step("b", after: "a"), step("c"), step("d")]
        let runner = GraphRunner(
            parallelism: 1,
            performer: Acting { step in
                if step.id.address.name == "c" { stop.store(true, ordering: .relaxed) }
                return .done
            }, report: { _ in }, isStopping: { stop.load(ordering: .relaxed) })
        let outcomes = await runner.run(steps)
        #expect(
            Run.names(outcomes) == ["a": "done", "c": "done", "b": "not started", "d": "not started"])
    }

    @Test func `what had been skipped before a stop stays skipped`() async {
        let stop = Atomic(false)
        let steps = [step("a"), step("b", after: "a"), step("c")]
        let runner = GraphRunner(
            parallelism: 1,
            performer: Acting { step in
                stop.store(true, ordering: .relaxed)
                return .failed(Run.failure)
            }, report: { _ in }, isStopping: { stop.load(ordering: .relaxed) })
        #expect(Run.names(await runner.run(steps)) == ["a": "failed", "b": "skipped by a", "c": "not started"])
    }

    @Test func `twenty thousand steps take one look each`() async {
        // A hub that all wait for, a long chain, and another hub that waits for all.
        let spokes = (0..<9_999).map { step("spoke\($0)", after: "hub") }
        let chain = (0..<9_999).map { step("link\($0)", after: $0 == 0 ? "hub" : "link\($0 - 1)") }
        let last = Step(
            ResourceAddress(.emailAccount, "end"), work, after: (spokes + chain).map(\.id))
        let run = await Run.of([step("hub")] + spokes + chain + [last], parallelism: 4)
        #expect(run.executed.count == 20_000)
        #expect(run.started.count == 20_000)
        #expect(run.finished.count == 20_000)
        #expect(run.outcomes.values.allSatisfy { $0 == "done" })
    }

    @Test func `a failure at the root of twenty thousand steps skips each of them once`() async {
        let chain = (0..<9_999).map { step("link\($0)", after: $0 == 0 ? "root" : "link\($0 - 1)") }
        let spokes = (0..<9_999).map { step("spoke\($0)", after: "root", "link\($0)") }
        let run = await Run.of([step("root")] + chain + spokes, failing: ["root"])
        #expect(run.executed == ["root"])
        #expect(run.finished.count == 19_999)
        #expect(Set(run.finished).count == 19_999)
        #expect(run.outcomes.values.count { $0 == "skipped by root" } == 19_998)
    }
}

private let work = Step.Work.test(
    TestWork(
        type: .imap, endpoint: HostPort(host: "mail.example.com", port: 993),
        login: .grant(authorization: .authorization(profile: "desk", subject: "(app)")), mechanism: .xoauth2,
        userName: "a@example.com"))

private func step(_ name: String, after: String...) -> Step {
    Step(
        ResourceAddress(.emailAccount, name), work,
        after: after.map { StepID(ResourceAddress(.emailAccount, $0), .test) })
}

/// What a run did, by the names of the steps.
private struct Run {
    static let failure = StepFailure(.error("test.failed", "it failed"))

    var outcomes: [String: String] = [:]
    var executed: [String] = []
    var started: [String] = []
    var finished: [String] = []

    static func of(_ steps: [Step], failing: Set<String> = [], parallelism: Int = 10) async -> Run {
        let log = Mutex(Run())
        let runner = GraphRunner(
            parallelism: parallelism,
            performer: Acting { step in
                log.withLock { $0.executed.append(step.id.address.name) }
                return failing.contains(step.id.address.name) ? .failed(failure) : .done
            },
            report: { events in
                log.withLock { run in
                    for event in events {
                        switch event {
                        case .started(let step): run.started.append(step.id.address.name)
                        case .finished(let step, _, _): run.finished.append(step.id.address.name)
                        }
                    }
                }
            }, isStopping: { false })
        let outcomes = names(await runner.run(steps))
        var run = log.withLock { $0 }
        run.outcomes = outcomes
        return run
    }

    static func names(_ outcomes: [StepID: StepOutcome]) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: outcomes.map { id, outcome in
                switch outcome {
                case .done: (id.address.name, "done")
                case .failed: (id.address.name, "failed")
                case .skipped(let cause): (id.address.name, "skipped by \(cause.address.name)")
                case .pending: (id.address.name, "pending")
                case .waiting(let cause): (id.address.name, "waits for \(cause.address.name)")
                case .notStarted: (id.address.name, "not started")
                }
            })
    }
}

/// Does steps by a closure, records among them.
private struct Acting: StepPerformer {
    let act: @Sendable (Step) async -> StepOutcome

    init(_ act: @escaping @Sendable (Step) async -> StepOutcome) { self.act = act }

    func perform(_ step: Step) async -> StepOutcome { await act(step) }

    func commit(_ steps: [Step]) async -> [StepOutcome] {
        var outcomes: [StepOutcome] = []
        for step in steps { outcomes.append(await act(step)) }
        return outcomes
    }
}

/// Counts who is inside at once. The first come wait until as many are there as are expected, so that the count does not
/// depend on luck.
private actor Crowd {
    private let expected: Int
    private var inside = 0
    private var hasFilled = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private(set) var most = 0

    init(expected: Int) { self.expected = expected }

    func enter() async {
        inside += 1
        most = max(most, inside)
        if inside == expected {
            hasFilled = true
            for waiter in waiting { waiter.resume() }
            waiting = []
        }
        if !hasFilled { await withCheckedContinuation { waiting.append($0) } }
        // A chance for one too many to come in.
        for _ in 0..<20 { await Task.yield() }
        inside -= 1
    }
}
