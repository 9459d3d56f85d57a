import KeelBase
import KeelModel
import KeelState

/// What a selector leaves of a project: accounts, wanted or committed, whose labels match, and what they need.
package struct Selection: Sendable {
    package let selector: LabelSelector
    /// In order, under the names that they have from now on.
    package let accounts: [ResourceAddress]
    /// How many accounts there are.
    package let total: Int
    /// The accounts with their profiles and authorizations, those that they leave too.
    package let addresses: Set<ResourceAddress>
    /// What other accounts need: it is not destroyed with a part.
    private let shared: Set<ResourceAddress>
    /// The names of all labels of accounts, in order.
    package let labels: [String]

    /// Committed labels count beside the wanted ones: an account that is to be destroyed, renamed or relabelled is selected by
    /// what it was as well as by what it will be.
    ///
    /// - Throws: `StateFailure` if a committed record cannot be read.
    package init(
        _ selector: LabelSelector, desired: EffectiveSet, committed: StateDocument?
    ) throws(StateFailure) {
        self.selector = selector
        var found = Finding(selector)
        for account in desired.accounts {
            let needs = [account.profile, account.authorization].compactMap { $0 }
            found.add(account.address, account.spec.value(EffectiveSpec.labelsField)?.pairs ?? [:], needs)
        }
        let moves = Dictionary(desired.refactoring.moves.map { ($0.from, $0.to) }) { first, _ in first }
        for address in committed?.addresses ?? [] where address.kind == .emailAccount {
            guard let record = try committed?.committed(address) else { continue }
            found.add(moves[address] ?? address, record.labels, record.dependencies.map { moves[$0] ?? $0 })
        }
        found.addNeeds()
        accounts = found.accounts.sorted()
        total = found.all.count
        addresses = found.addresses
        shared = found.shared
        labels = found.labels.sorted()
    }

    /// The addresses at which the plan does its part.
    func addresses(in plan: Plan) -> Set<ResourceAddress> {
        let ends = plan.changes.filter { $0.action == .delete || $0.action == .forget }.map(\.address)
        return addresses.subtracting(shared.intersection(ends))
    }

    /// The codes of notes that say that a plan is a part.
    static let codes: Set<String> = ["plan.selected", "plan.nothing-selected"]

    /// What the plan says about being a part.
    var note: PlanNote {
        guard accounts.isEmpty else {
            return PlanNote(
                code: "plan.selected",
                message:
                    "this is a part: \(selector.text) selects \(accounts.count) of \(counted(total, "account")); what else differs is left as it is",
                address: nil)
        }
        let known =
            labels.isEmpty ? "no account has labels" : "the accounts have the labels \(labels.joined(separator: ", "))"
        return PlanNote(
            code: "plan.nothing-selected",
            message: "\(selector.text) selects none of \(counted(total, "account")), so nothing was planned; \(known)",
            address: nil, isWarning: true)
    }
}

/// The accounts that were found so far.
private struct Finding {
    let selector: LabelSelector
    var accounts: Set<ResourceAddress> = []
    var all: Set<ResourceAddress> = []
    var labels: Set<String> = []
    var addresses: Set<ResourceAddress> = []
    /// What the other accounts need.
    var shared: Set<ResourceAddress> = []
    private var needs: [ResourceAddress: [ResourceAddress]] = [:]

    init(_ selector: LabelSelector) { self.selector = selector }

    mutating func add(_ address: ResourceAddress, _ labels: [String: String], _ needs: [ResourceAddress]) {
        all.insert(address)
        self.labels.formUnion(labels.keys)
        self.needs[address, default: []] += needs
        if selector.matches(labels) { accounts.insert(address) }
    }

    mutating func addNeeds() {
        addresses = accounts
        for account in accounts { addresses.formUnion(needs[account] ?? []) }
        for account in all.subtracting(accounts) { shared.formUnion(needs[account] ?? []) }
    }
}

extension CommittedRecord {
    /// The labels that were committed.
    package var labels: [String: String] { effective[EffectiveSpec.labelsField]?.value.pairs ?? [:] }
}

extension FieldValue {
    fileprivate var pairs: [String: String]? { if case .map(let pairs) = self { pairs } else { nil } }
}

extension Plan {
    /// The plan with what it does for a selection alone. It says so.
    package func restricted(to selection: Selection) -> Plan {
        var addresses = selection.addresses(in: self)
        var shared: [PlanNote] = []
        for address in sharers(of: addresses) {
            guard let change = changes.first(where: { $0.address == address }) else { continue }
            // Whoever changes in no other way is proven with the rest, and whoever does is left to those who select it.
            if change.action == .update, change.fields.isEmpty {
                addresses.insert(address)
            } else {
                shared.append(
                    PlanNote(
                        code: "plan.shared-grant",
                        message:
                            "it uses a grant that is renewed in this part, and is not proven, because it was not selected",
                        address: address, isWarning: true))
            }
        }
        let part = restricted(to: addresses)
        let needsPeople = part.authorized.contains { $0.needsPerson != .none }
        let notes = notes.filter { note in
            note.code == "plan.needs-person" ? needsPeople : note.address.map(addresses.contains) ?? true
        }
        return Plan(
            changes: part.changes, steps: part.steps, notes: [selection.note] + shared + notes,
            environment: environment)
    }

    /// The accounts elsewhere that are to be proven with a grant that goes on under other terms at these addresses.
    private func sharers(of addresses: Set<ResourceAddress>) -> [ResourceAddress] {
        let renewed = Set(
            steps.filter { step in
                guard case .authorize(let work) = step.work, case .refresh = work.way else { return false }
                return addresses.contains(step.id.address)
            }.map(\.id))
        guard !renewed.isEmpty else { return [] }
        return steps.filter {
            $0.id.kind == .test && !addresses.contains($0.id.address) && !renewed.isDisjoint(with: $0.after)
        }.map(\.id.address).sorted()
    }
}

extension StateDocument {
    /// Whether the selector matches the labels that are committed at an address. Authorizations have none, and are never selected.
    package func isSelected(_ address: ResourceAddress, by selector: LabelSelector) throws(StateFailure) -> Bool {
        guard address.kind != .authorization, let record = try committed(address) else { return false }
        return selector.matches(record.labels)
    }
}
