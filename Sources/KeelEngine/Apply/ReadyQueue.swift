import KeelPlan

/// The steps of a graph that may start, in plan order. Linear in steps and edges over a whole run.
struct ReadyQueue {
    private var followers: [[Int]]
    private var waiting: [Int]
    private var dead: [Bool]
    /// Steps that reach out over the network or read files.
    private var slow = Lane()
    /// Records: no network, and many of them share one synchronization of the disk.
    private var records = Lane()
    private let isRecord: [Bool]

    /// A queue that keeps its order.
    private struct Lane {
        private var items: [Int] = []
        private var head = 0

        mutating func add(_ item: Int) { items.append(item) }

        mutating func take(atMost count: Int) -> ArraySlice<Int> {
            let end = min(items.count, head + count)
            defer { head = end }
            return items[head..<end]
        }
    }

    init(_ steps: [Step]) {
        var position: [StepID: Int] = [:]
        position.reserveCapacity(steps.count)
        for (index, step) in steps.enumerated() { position[step.id] = index }
        followers = Array(repeating: [], count: steps.count)
        waiting = Array(repeating: 0, count: steps.count)
        dead = Array(repeating: false, count: steps.count)
        isRecord = steps.map { $0.id.kind == .record }
        for (index, step) in steps.enumerated() {
            for before in step.after {
                guard let before = position[before] else { continue }
                followers[before].append(index)
                waiting[index] += 1
            }
            if waiting[index] == 0 { add(index) }
        }
    }

    /// The next step that is no record.
    mutating func next() -> Int? { slow.take(atMost: 1).first }

    /// The next records, which may be committed together.
    mutating func nextRecords(atMost count: Int) -> ArraySlice<Int> { records.take(atMost: count) }

    mutating func succeed(_ index: Int) {
        for follower in followers[index] {
            waiting[follower] -= 1
            if waiting[follower] == 0, !dead[follower] { add(follower) }
        }
    }

    /// Everything that can no longer run because `index` did not succeed, in order.
    mutating func abandon(_ index: Int) -> [Int] {
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

    private mutating func add(_ index: Int) {
        if isRecord[index] { records.add(index) } else { slow.add(index) }
    }
}
