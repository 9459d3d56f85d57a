import KeelDiagnostics
import KeelEngine
import KeelPlan

/// What a run is doing, line by line on standard error, for pipes, logs and terminals that can do no more.
actor ProgressLines: ProgressFace {
    private let console: Console
    private var narrator: ProgressNarrator
    private var longSteps = LongSteps()
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    /// Looks once a second for steps that run long.
    private var watch: Task<Void, Never>?

    init(plan: Plan, console: Console) {
        self.console = console
        narrator = ProgressNarrator(plan.changes, style: console.errorStyle)
        start = clock.now
    }

    func show(_ events: [RunEvent]) {
        let now = clock.now - start
        var lines: [String] = []
        for event in events {
            switch event {
            case .started(let step):
                lines += narrator.began(step, at: now)
                longSteps.began(step, at: now)
            case .finished(let step, let outcome, let elapsed):
                if let line = narrator.ended(step, outcome, elapsed, at: now) { lines.append(line) }
                longSteps.ended(step)
            }
        }
        write(lines)
        if watch == nil { watch = Task { await watchLongSteps() } }
    }

    func remark(_ line: String) { write([line]) }

    func finish() {
        watch?.cancel()
        watch = nil
    }

    private func watchLongSteps() async {
        while (try? await clock.sleep(for: .seconds(1))) != nil { write(longSteps.due(at: clock.now - start)) }
    }

    private func write(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        console.remark(lines.joined(separator: "\n"))
    }
}

/// The steps that run, and which of them it is time to say that they still do: a log that is silent for minutes looks
/// like one of a run that hangs.
package struct LongSteps {
    private struct Running {
        let step: Step
        let start: Duration
        /// How often it was said.
        var told = 0
    }

    private static let interval = Duration.seconds(10)
    private var running: [StepID: Running] = [:]

    package init() {}

    package mutating func began(_ step: Step, at now: Duration) {
        // Records are committed in batches, which take no time that anybody would notice.
        guard step.id.kind != .record else { return }
        running[step.id] = Running(step: step, start: now)
    }

    package mutating func ended(_ step: Step) { running[step.id] = nil }

    /// The lines that are due, each once for each interval, those that began first before the others.
    package mutating func due(at now: Duration) -> [String] {
        var lines: [(start: Duration, line: String)] = []
        for (id, entry) in running {
            let elapsed = now - entry.start
            guard elapsed >= Self.interval * (entry.told + 1) else { continue }
            running[id]?.told = Int(elapsed / Self.interval)
            lines.append((entry.start, ProgressNarrator.still(entry.step, after: elapsed)))
        }
        return lines.sorted { ($0.start, $0.line) < ($1.start, $1.line) }.map(\.line)
    }
}
