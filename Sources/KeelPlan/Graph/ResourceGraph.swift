import KeelBase
import KeelModel

/// Profiles, authorizations and accounts with what each depends on, and the steps that a plan does at each: one graph, for
/// people and for tools.
package struct ResourceGraph: Sendable {
    /// One resource.
    package struct Node: Sendable, Equatable {
        package let address: ResourceAddress
        /// Nil: nothing happens to it.
        package let action: Action?
        package let dependencies: [ResourceAddress]
        /// In an order that keeps every step behind those it waits for.
        package let steps: [Step]
    }

    /// By kind and name.
    package let nodes: [Node]

    /// Everything that is wanted, and everything that the plan touches.
    package init(_ desired: EffectiveSet, _ plan: Plan) {
        var dependencies: [ResourceAddress: [ResourceAddress]] = [:]
        for profile in desired.profiles { dependencies[profile.address] = [] }
        for authorization in desired.authorizations { dependencies[authorization.address] = [authorization.profile] }
        let slots = Set(desired.authorizations.map(\.address))
        for account in desired.accounts {
            let slot = account.authorization.flatMap { slots.contains($0) ? $0 : nil }
            dependencies[account.address] = [slot ?? account.profile].compactMap { $0 }
        }
        let actions = Dictionary(uniqueKeysWithValues: plan.changes.map { ($0.address, $0.action) })
        let steps = Dictionary(grouping: plan.steps, by: \.id.address)
        let addresses = Set(dependencies.keys).union(actions.keys).union(steps.keys)
        nodes = addresses.sorted().map { address in
            Node(
                address: address, action: actions[address], dependencies: dependencies[address] ?? [],
                steps: steps[address] ?? [])
        }
    }
}

/// In which language a graph is written.
package enum GraphFormat: String, Sendable, CaseIterable {
    case text, dot, mermaid, json
}
