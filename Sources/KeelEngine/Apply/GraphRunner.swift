import KeelBase
import KeelPlan

/// Does the steps of a graph.
package protocol StepPerformer: Sendable {
    /// Does one step that is no record.
    func perform(_ step: Step) async -> StepOutcome
    /// Commits records together; one outcome for each, in order.
    func commit(_ steps: [Step]) async -> [StepOutcome]
}

/// Executes a plan's graph: steps start as soon as those they wait for have succeeded, at most so many at a time. Records
/// need no network: those that are ready while others are being committed are committed together after them.
///
/// Linear in steps and edges. What depends on a failure is skipped, what depends on a person waits; everything else goes on.
package struct GraphRunner: Sendable {
    private let parallelism: Int
    private let performer: any StepPerformer
    private let report: @Sendable ([RunEvent]) async -> Void
    private let isStopping: @Sendable () -> Bool
    /// Enough to make the cost of a synchronization small, and few enough that a stop request is soon heard.
    private static let batchLimit = 512

    /// `isStopping` says whether to start nothing more.
    package init(
        parallelism: Int, performer: any StepPerformer, report: @escaping @Sendable ([RunEvent]) async -> Void,
        isStopping: @escaping @Sendable () -> Bool
    ) {
        self.parallelism = parallelism
        self.performer = performer
        self.report = report
        self.isStopping = isStopping
    }

    /// What became of each of `steps`, which stand in the order in which they may start.
    package func run(_ steps: [Step]) async -> [StepID: StepOutcome] {
        var course = Course(steps)
        await withTaskGroup(of: Finished.self) { group in
            var running = 0
            var isCommitting = false
            while true {
                while running < parallelism, !isStopping(), let index = course.queue.next() {
                    await report([.started(steps[index])])
                    group.addTask { await perform(index, steps[index]) }
                    running += 1
                }
                if !isCommitting, !isStopping() {
                    let batch = Array(course.queue.nextRecords(atMost: Self.batchLimit))
                    if !batch.isEmpty {
                        await report(batch.map { .started(steps[$0]) })
                        group.addTask { await commit(batch, batch.map { steps[$0] }) }
                        isCommitting = true
                    }
                }
                guard running > 0 || isCommitting, let finished = await group.next() else { break }
                if finished.isBatch { isCommitting = false } else { running -= 1 }
                await report(course.settle(finished))
            }
        }
        return course.outcomes()
    }

    private func perform(_ index: Int, _ step: Step) async -> Finished {
        let clock = ContinuousClock()
        let start = clock.now
        let outcome = await performer.perform(step)
        return Finished(results: [(index, outcome)], elapsed: clock.now - start, isBatch: false)
    }

    private func commit(_ indices: [Int], _ steps: [Step]) async -> Finished {
        let clock = ContinuousClock()
        let start = clock.now
        let outcomes = await performer.commit(steps)
        return Finished(results: Array(zip(indices, outcomes)), elapsed: clock.now - start, isBatch: true)
    }
}

/// What came back from a worker.
private struct Finished: Sendable {
    let results: [(index: Int, outcome: StepOutcome)]
    let elapsed: Duration
    let isBatch: Bool
}

/// How far a run has come.
private struct Course {
    let steps: [Step]
    var queue: ReadyQueue
    private var settled: [StepOutcome?]

    init(_ steps: [Step]) {
        self.steps = steps
        queue = ReadyQueue(steps)
        settled = Array(repeating: nil, count: steps.count)
    }

    /// Notes outcomes, and what follows from them for the steps that wait.
    mutating func settle(_ finished: Finished) -> [RunEvent] {
        var events: [RunEvent] = []
        for (index, outcome) in finished.results {
            settled[index] = outcome
            events.append(.finished(steps[index], outcome, after: finished.elapsed))
            let consequence: StepOutcome
            switch outcome {
            case .done:
                queue.succeed(index)
                continue
            // It was cut off by a stop request: nothing failed, and nothing new is started.
            case .notStarted: continue
            case .failed, .skipped: consequence = .skipped(because: steps[index].id)
            case .pending, .waiting: consequence = .waiting(for: steps[index].id)
            }
            for lost in queue.abandon(index) {
                settled[lost] = consequence
                events.append(.finished(steps[lost], consequence, after: .zero))
            }
        }
        return events
    }

    func outcomes() -> [StepID: StepOutcome] {
        var outcomes: [StepID: StepOutcome] = [:]
        outcomes.reserveCapacity(steps.count)
        for (step, outcome) in zip(steps, settled) { outcomes[step.id] = outcome ?? .notStarted }
        return outcomes
    }
}
