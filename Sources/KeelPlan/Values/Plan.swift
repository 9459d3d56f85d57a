import KeelBase

/// A fact worth reading that is no change.
package struct PlanNote: Sendable, Equatable {
    package let code: String
    package let message: String
    package let address: ResourceAddress?
    /// Whether something is wrong that the plan does not mend.
    package var isWarning = false
}

/// Everything that apply may do, as a value: changes with their reasons, and the graph of steps.
package struct Plan: Sendable, Equatable {
    /// By kind and name.
    package let changes: [Change]
    /// In an order that keeps every step behind those it waits for.
    package let steps: [Step]
    package let notes: [PlanNote]
    /// The environment of the project that it was made for: what is approved for one is approved for no other.
    package var environment: String?

    package var isEmpty: Bool { changes.isEmpty && steps.isEmpty }

    /// What is added, changed and destroyed; a replacement counts as both added and destroyed, as in Terraform.
    package var counts: PlanCounts {
        var counts = PlanCounts()
        for change in changes { counts.count(change.action) }
        return counts
    }

    /// The accounts to be tested, in order.
    package var tested: [ResourceAddress] { steps.filter { $0.id.kind == .test }.map(\.id.address) }

    /// The authorizations to be obtained, in order.
    package var authorized: [Step] { steps.filter { $0.id.kind == .authorize } }

    /// The plan with only what it does at some addresses, and what that needs to be known beforehand.
    package func restricted(to addresses: Set<ResourceAddress>) -> Plan {
        let index = Dictionary(uniqueKeysWithValues: steps.enumerated().map { ($0.element.id, $0.offset) })
        var kept = Set(steps.filter { addresses.contains($0.id.address) }.map(\.id))
        var frontier = Array(kept)
        while let id = frontier.popLast() {
            guard let position = index[id] else { continue }
            // Looking up secrets and endpoints changes nothing and belongs to whoever waits for it.
            for before in steps[position].after where before.kind.isPreparation && kept.insert(before).inserted {
                frontier.append(before)
            }
        }
        // What is still in service for others is not ended at the provider.
        for step in steps where step.id.kind == .revoke && !step.after.allSatisfy(kept.contains) {
            kept.remove(step.id)
        }
        return Plan(
            changes: changes.filter { addresses.contains($0.address) },
            steps: steps.filter { kept.contains($0.id) }.map { step in
                var step = step
                step.after = step.after.filter(kept.contains)
                return step
            },
            notes: notes, environment: environment)
    }
}

/// How many addresses are added, changed and destroyed.
package struct PlanCounts: Sendable, Equatable {
    package var add = 0
    package var change = 0
    package var destroy = 0
    /// Renamed, with no other change.
    package var move = 0
    /// No longer managed, and not destroyed.
    package var forget = 0

    package init() {}

    package mutating func count(_ action: Action) {
        switch action {
        case .create: add += 1
        case .update: change += 1
        case .replace:
            add += 1
            destroy += 1
        case .delete: destroy += 1
        case .move: move += 1
        case .forget: forget += 1
        }
    }
}
