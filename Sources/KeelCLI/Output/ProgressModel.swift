import KeelBase
import KeelEngine
import KeelPlan

/// How far a run has come: a value that takes events and is asked, at any time, for what there is to see.
///
/// An event costs the same however long the plan is, and so does a look, but for what is running.
package struct ProgressModel {
    /// What became of addresses.
    package struct Counts: Sendable, Equatable {
        package var done = 0
        package var failed = 0
        package var pending = 0
        package var skipped = 0
    }

    /// A step that runs, and is no record.
    struct Running {
        let address: ResourceAddress
        let words: String
        let start: Duration
    }

    /// Addresses of one kind that cannot start before something else is done.
    struct Waiting {
        let count: Int
        let kind: ResourceKind
        let blocker: ResourceAddress
    }

    package private(set) var counts = Counts()
    /// How many addresses the plan has.
    package var total: Int { places.count }
    private var places: [Place] = []
    private var links: [Link] = []
    private var steps: [StepID: Position] = [:]
    private var running: [StepID: (order: Int, step: Running)] = [:]
    private var begun = 0
    /// Records are committed in batches: how many now, and since when.
    private(set) var recording = (count: 0, start: Duration.zero)
    /// How many places of each kind wait, by what they wait for.
    private var waiting: [Blocker: Int] = [:]

    /// One address of the plan.
    private struct Place {
        let address: ResourceAddress
        /// Steps without an outcome.
        var open = 0
        var worst = Outcome.done
        /// Its links to what it waits for, what stands last in the plan first.
        var links: [Int] = []
        /// The first of them that is open is the one to be shown: those before it in the plan follow from it.
        var shown = 0
    }

    /// One address waits for another.
    private struct Pair: Hashable {
        let waiter: Int
        let blocker: Int
    }

    /// It does so for as long as `open` of the other's steps are not done.
    private struct Link {
        let pair: Pair
        var open = 0

        init(_ pair: Pair) { self.pair = pair }
    }

    private struct Position {
        let place: Int
        /// The links that stand on this step.
        var links: [Int] = []
    }

    /// What is waited for, and by what kind.
    private struct Blocker: Hashable, Comparable {
        let place: Int
        let kind: ResourceKind

        static func < (left: Self, right: Self) -> Bool { (left.place, left.kind) < (right.place, right.kind) }
    }

    private enum Outcome: Int {
        case done, skipped, pending, failed
    }

    /// `plannedSteps` are all steps of the plan.
    package init(_ plannedSteps: [Step]) {
        var indices: [ResourceAddress: Int] = [:]
        steps.reserveCapacity(plannedSteps.count)
        for step in plannedSteps {
            let address = step.id.address
            let place = indices[address] ?? places.count
            if place == places.count {
                indices[address] = place
                places.append(Place(address: address))
            }
            places[place].open += 1
            steps[step.id] = Position(place: place)
        }
        var known: [Pair: Int] = [:]
        for step in plannedSteps { connect(step, &known) }
        let links = links
        for place in places.indices {
            places[place].links.sort { links[$0].pair.blocker > links[$1].pair.blocker }
            if let blocker = blocker(of: place) { waiting[blocker, default: 0] += 1 }
        }
    }

    private mutating func connect(_ step: Step, _ known: inout [Pair: Int]) {
        guard let waiter = steps[step.id]?.place else { return }
        for before in step.after {
            guard let blocker = steps[before]?.place, blocker != waiter else { continue }
            let pair = Pair(waiter: waiter, blocker: blocker)
            let link = known[pair] ?? links.count
            if link == links.count {
                known[pair] = link
                links.append(Link(pair))
                places[waiter].links.append(link)
            }
            links[link].open += 1
            steps[before]?.links.append(link)
        }
    }

    // MARK: Events

    /// Takes in what happened, in the order in which it did; `now` is the time since the run began.
    package mutating func take(_ events: [RunEvent], at now: Duration) {
        for event in events {
            switch event {
            case .started(let step): begin(step, at: now)
            case .finished(let step, let outcome, _): end(step, outcome)
            }
        }
    }

    private mutating func begin(_ step: Step, at now: Duration) {
        guard step.id.kind != .record else {
            if recording.count == 0 { recording.start = now }
            recording.count += 1
            return
        }
        let entry = Running(address: step.id.address, words: ProgressActivity(step).words, start: now)
        running[step.id] = (begun, entry)
        begun += 1
    }

    private mutating func end(_ step: Step, _ outcome: StepOutcome) {
        if outcome.hasRun { stop(step) }
        guard let position = steps[step.id] else { return }
        let result: Outcome
        switch outcome {
        case .done: result = .done
        case .failed: result = .failed
        case .skipped: result = .skipped
        case .pending, .waiting: result = .pending
        // It was cut off, and its address is not settled.
        case .notStarted: return
        }
        for link in position.links { close(link) }
        places[position.place].open -= 1
        if result.rawValue > places[position.place].worst.rawValue { places[position.place].worst = result }
        if places[position.place].open == 0 { settle(position.place) }
    }

    private mutating func stop(_ step: Step) {
        if step.id.kind == .record {
            recording.count = max(0, recording.count - 1)
        } else {
            running[step.id] = nil
        }
    }

    private mutating func settle(_ place: Int) {
        switch places[place].worst {
        case .done: counts.done += 1
        case .skipped: counts.skipped += 1
        case .pending: counts.pending += 1
        case .failed: counts.failed += 1
        }
        let before = blocker(of: place)
        places[place].shown = places[place].links.count
        regroup(place, from: before)
    }

    /// A step of what a link stands on has ended.
    private mutating func close(_ link: Int) {
        let waiter = links[link].pair.waiter
        let before = blocker(of: waiter)
        links[link].open -= 1
        while places[waiter].shown < places[waiter].links.count,
            links[places[waiter].links[places[waiter].shown]].open == 0
        {
            places[waiter].shown += 1
        }
        regroup(waiter, from: before)
    }

    private mutating func regroup(_ place: Int, from before: Blocker?) {
        let after = blocker(of: place)
        guard before != after else { return }
        if let before { waiting[before] = waiting[before].flatMap { $0 > 1 ? $0 - 1 : nil } }
        if let after { waiting[after, default: 0] += 1 }
    }

    /// What a place waits for.
    private func blocker(of place: Int) -> Blocker? {
        guard places[place].shown < places[place].links.count else { return nil }
        let link = links[places[place].links[places[place].shown]]
        return Blocker(place: link.pair.blocker, kind: places[place].address.kind)
    }

    // MARK: What there is to see

    /// What runs, what began first before the others.
    var runningSteps: [Running] { running.values.sorted { $0.order < $1.order }.map(\.step) }

    /// What waits for what: the largest groups, and of equal ones those that stand first in the plan.
    func waitingGroups(atMost limit: Int) -> [Waiting] {
        var top: [(blocker: Blocker, count: Int)] = []
        for (blocker, count) in waiting {
            let index = top.firstIndex { ($0.count, blocker) < (count, $0.blocker) } ?? top.count
            guard index < limit else { continue }
            top.insert((blocker, count), at: index)
            if top.count > limit { top.removeLast() }
        }
        return top.map { Waiting(count: $0.count, kind: $0.blocker.kind, blocker: places[$0.blocker.place].address) }
    }
}

extension StepOutcome {
    /// Whether the step had started.
    fileprivate var hasRun: Bool {
        switch self {
        case .done, .failed, .pending, .notStarted: true
        case .skipped, .waiting: false
        }
    }
}
