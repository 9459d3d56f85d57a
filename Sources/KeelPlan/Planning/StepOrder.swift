import KeelBase

/// Puts steps into an order in which each stands behind those it waits for (Kahn's algorithm), linear in steps and edges.
enum StepOrder {
    static func sorted(_ steps: [Step]) -> [Step] {
        var position: [StepID: Int] = [:]
        for (index, step) in steps.enumerated() { position[step.id] = index }
        var followers = [[Int]](repeating: [], count: steps.count)
        var waiting = [Int](repeating: 0, count: steps.count)
        for (index, step) in steps.enumerated() {
            for id in step.after {
                guard let before = position[id] else { continue }
                followers[before].append(index)
                waiting[index] += 1
            }
        }
        var ready = steps.indices.filter { waiting[$0] == 0 }
        var next = 0
        while next < ready.count {
            for follower in followers[ready[next]] {
                waiting[follower] -= 1
                if waiting[follower] == 0 { ready.append(follower) }
            }
            next += 1
        }
        // The planner only makes edges from later kinds of work to earlier ones, so that no cycle can be.
        assert(ready.count == steps.count)
        return ready.map { steps[$0] }
    }
}
