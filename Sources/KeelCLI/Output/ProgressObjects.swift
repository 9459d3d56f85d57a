import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan

/// What a run is doing, as JSON objects on standard output, one a line.
package struct ProgressObjects: ProgressFace {
    let console: Console
    let sources: SourceMap

    func show(_ events: [RunEvent]) async {
        guard !events.isEmpty else { return }
        let text = events.map { Self.object($0, sources).text() + "\n" }.joined()
        // A reader that has gone does not stop the run.
        try? console.output(text)
    }

    func remark(_ line: String) async { console.remark(line) }

    func finish() async {}

    /// One event.
    package static func object(_ event: RunEvent, _ sources: SourceMap) -> JSON {
        switch event {
        case .started(let step): .object(members("step_start", step))
        case .finished(let step, let outcome, let elapsed):
            .object(members("step_end", step) + members(outcome, elapsed, sources))
        }
    }

    private static func members(_ type: String, _ step: Step) -> [JSON.Member] {
        [
            .init("type", .string(type)), .init("step", .string(step.id.description)),
            .init("address", .string(step.id.address.description)), .init("kind", .string(step.id.kind.rawValue)),
        ]
    }

    private static func members(
        _ outcome: StepOutcome, _ elapsed: Duration, _ sources: SourceMap
    ) -> [JSON.Member] {
        let milliseconds = JSON.integer(elapsed.wholeMilliseconds)
        switch outcome {
        case .done: return [.init("outcome", "done"), .init("milliseconds", milliseconds)]
        case .failed(let failure):
            return [
                .init("outcome", "failed"), .init("code", .string(failure.diagnostic.code)),
                .init("milliseconds", milliseconds), .init("diagnostic", failure.diagnostic.json(in: sources)),
            ] + (failure.stage.map { [.init("stage", .string($0.rawValue))] } ?? [])
        case .skipped(let cause): return [.init("outcome", "skipped"), .init("because", .string(cause.description))]
        case .pending(let action):
            return [
                .init("outcome", "pending"), .init("message", .string(action.message)),
                .init("help", .string(action.help)),
            ]
        case .waiting(let cause): return [.init("outcome", "waiting"), .init("because", .string(cause.description))]
        case .notStarted: return [.init("outcome", "not_started")]
        }
    }
}
