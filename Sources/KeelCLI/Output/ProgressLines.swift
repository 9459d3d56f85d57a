import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan

/// What a run is doing, line by line: words on standard error, or JSON objects on standard output.
actor ProgressLines {
    private let console: Console
    private let sources: SourceMap
    private let actions: [ResourceAddress: Action]
    /// When the first step of an address started.
    private var started: [ResourceAddress: ContinuousClock.Instant] = [:]
    private let clock = ContinuousClock()

    init(plan: Plan, console: Console, sources: SourceMap) {
        self.console = console
        self.sources = sources
        actions = Dictionary(uniqueKeysWithValues: plan.changes.map { ($0.address, $0.action) })
    }

    func show(_ event: RunEvent) {
        switch event {
        case .started(let step):
            if console.isJSON { return object("step_start", step, []) }
            begin(step)
        case .finished(let step, let outcome, let elapsed):
            if console.isJSON { return object("step_end", step, Self.members(outcome, elapsed)) }
            end(step, outcome, elapsed)
        }
    }

    private func begin(_ step: Step) {
        let address = step.id.address
        if started[address] == nil {
            started[address] = clock.now
            switch actions[address] {
            case .create: console.remark("\(address): Creating...")
            case .update: console.remark("\(address): Modifying...")
            case .replace: console.remark("\(address): Replacing...")
            case .delete: console.remark("\(address): Destroying...")
            case nil: break
            }
        }
        switch step.work {
        case .authorize(let work): console.remark("\(address): Authorizing by \(work.grant.rawValue)...")
        case .test(let work): console.remark("\(address): Logging in to \(work.endpoint)...")
        case .resolve, .discover, .record: break
        }
    }

    private func end(_ step: Step, _ outcome: StepOutcome, _ elapsed: Duration) {
        let address = step.id.address
        let style = console.errorStyle
        switch (outcome, step.id.kind) {
        case (.done, .test):
            console.remark("\(address): \(style.green("Proven")): the login worked, after \(Self.seconds(elapsed))")
        case (.done, .record):
            guard let action = actions[address] else { return }
            let total = started[address].map { clock.now - $0 } ?? elapsed
            console.remark("\(address): \(Self.completion(action)) complete after \(Self.seconds(total))")
        case (.failed, _):
            console.remark(
                "\(address): \(style.red("Failed")): \(step.id.kind.rawValue), after \(Self.seconds(elapsed))")
        case (.done, _), (.skipped, _), (.notStarted, _): break
        }
    }

    private static func completion(_ action: Action) -> String {
        switch action {
        case .create: "Creation"
        case .update: "Modifications"
        case .replace: "Replacement"
        case .delete: "Destruction"
        }
    }

    private static func seconds(_ duration: Duration) -> String { "\(duration.components.seconds)s" }

    private func object(_ type: String, _ step: Step, _ more: [JSON.Member]) {
        let members: [JSON.Member] = [
            .init("type", .string(type)), .init("step", .string(step.id.description)),
            .init("address", .string(step.id.address.description)), .init("kind", .string(step.id.kind.rawValue)),
        ]
        // A reader that has gone does not stop the run.
        try? console.output(.object(members + more))
    }

    private static func members(_ outcome: StepOutcome, _ elapsed: Duration) -> [JSON.Member] {
        let (seconds, attoseconds) = elapsed.components
        let milliseconds = JSON.integer(Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000))
        switch outcome {
        case .done: return [.init("outcome", "done"), .init("milliseconds", milliseconds)]
        case .failed(let failure):
            return [
                .init("outcome", "failed"), .init("code", .string(failure.diagnostic.code)),
                .init("milliseconds", milliseconds),
            ]
        case .skipped(let cause): return [.init("outcome", "skipped"), .init("because", .string(cause.description))]
        case .notStarted: return [.init("outcome", "not_started")]
        }
    }
}
