import KeelBase
import KeelPlan

/// What became of one step.
package enum StepOutcome: Sendable {
    case done
    case failed(StepFailure)
    /// A step that it waits for did not succeed.
    case skipped(because: StepID)
    /// The run was asked to stop before it started.
    case notStarted
}

/// What happens during a run, as it happens.
package enum RunEvent: Sendable {
    case started(Step)
    case finished(Step, StepOutcome, after: Duration)
}

/// Executes a plan's graph: steps start as soon as those they wait for have succeeded, at most so many at a time.
///
/// Linear in steps and edges. What depends on a failure is skipped; everything else goes on.
package struct GraphRunner: Sendable {
    private let parallelism: Int
    private let execute: @Sendable (Step) async -> StepOutcome
    private let report: @Sendable (RunEvent) async -> Void
    private let isStopping: @Sendable () -> Bool

    /// `isStopping` says whether to start nothing more.
    package init(
        parallelism: Int, execute: @escaping @Sendable (Step) async -> StepOutcome,
        report: @escaping @Sendable (RunEvent) async -> Void, isStopping: @escaping @Sendable () -> Bool
    ) {
        self.parallelism = parallelism
        self.execute = execute
        self.report = report
        self.isStopping = isStopping
    }

    /// What became of each of `steps`, which stand in the order in which they may start.
    package func run(_ steps: [Step]) async -> [StepID: StepOutcome] {
        var queue = ReadyQueue(steps)
        var outcomes: [StepID: StepOutcome] = [:]
        await withTaskGroup(of: (Int, StepOutcome, Duration).self) { group in
            var running = 0
            while true {
                while running < parallelism, !isStopping(), let index = queue.next() {
                    let step = steps[index]
                    await report(.started(step))
                    group.addTask {
                        let clock = ContinuousClock()
                        let start = clock.now
                        let outcome = await execute(step)
                        return (index, outcome, clock.now - start)
                    }
                    running += 1
                }
                guard running > 0, let (index, outcome, elapsed) = await group.next() else { break }
                running -= 1
                outcomes[steps[index].id] = outcome
                await report(.finished(steps[index], outcome, after: elapsed))
                switch outcome {
                case .done: queue.succeed(index)
                // It was cut off by a stop request: nothing failed, and nothing new is started.
                case .notStarted: continue
                case .failed, .skipped:
                    for skipped in queue.fail(index) {
                        let consequence = StepOutcome.skipped(because: steps[index].id)
                        outcomes[steps[skipped].id] = consequence
                        await report(.finished(steps[skipped], consequence, after: .zero))
                    }
                }
            }
        }
        for step in steps where outcomes[step.id] == nil { outcomes[step.id] = .notStarted }
        return outcomes
    }
}

/// The steps that may start, in plan order.
private struct ReadyQueue {
    private var followers: [[Int]]
    private var waiting: [Int]
    private var dead: [Bool]
    private var ready: [Int] = []
    private var head = 0

    init(_ steps: [Step]) {
        var position: [StepID: Int] = [:]
        for (index, step) in steps.enumerated() { position[step.id] = index }
        followers = Array(repeating: [], count: steps.count)
        waiting = Array(repeating: 0, count: steps.count)
        dead = Array(repeating: false, count: steps.count)
        for (index, step) in steps.enumerated() {
            for before in step.after.compactMap({ position[$0] }) {
                followers[before].append(index)
                waiting[index] += 1
            }
            if waiting[index] == 0 { ready.append(index) }
        }
    }

    mutating func next() -> Int? {
        guard head < ready.count else { return nil }
        defer { head += 1 }
        return ready[head]
    }

    mutating func succeed(_ index: Int) {
        for follower in followers[index] {
            waiting[follower] -= 1
            if waiting[follower] == 0, !dead[follower] { ready.append(follower) }
        }
    }

    /// Everything that can no longer run because `index` did not succeed, in order.
    mutating func fail(_ index: Int) -> [Int] {
        var lost: [Int] = []
        var frontier = [index]
        while let current = frontier.popLast() {
            for follower in followers[current] where !dead[follower] {
                dead[follower] = true
                lost.append(follower)
                frontier.append(follower)
            }
        }
        return lost.sorted()
    }
}
